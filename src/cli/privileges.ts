// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readFileSync } from 'node:fs';
import { flushCompileCache } from 'node:module';
import { isSea } from 'node:sea';
import type { Config } from '../config/config.ts';
import { filesOf } from '../config/push.ts';
import { type OpenedLive, openLive } from '../pipeline/live.ts';
import { listeningDescriptors as systemdDescriptors } from '../server/systemd-sockets.ts';
import {
  giveUpCapabilities,
  keepAcrossExec,
  privilegesOfThreads,
  takeCapabilities,
} from '../sys/privilege.ts';
import { CommandError } from './command-error.ts';
import type { Log } from './log.ts';
import { captureOf } from './monitor.ts';

/** Where the program that this one becomes finds what was opened for it. */
const HANDED_OVER = 'RINGTAP_OPENED';

/** Whom a process can become. */
interface User {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Opens the capture with the privilege this process has, gives up all of it, and becomes itself anew by execve(2), with what
 * was opened: capabilities belong to threads, and only so no thread of this process keeps any
 * (docs/decisions/017-privileges-end-with-an-exec.md). Returns what was opened when it is the new one, or undefined where there
 * was no privilege to give up; then, and with --no-drop-privileges, the capture is opened later. Throws CaptureError and
 * CommandError.
 */
export async function dropPrivileges(
  config: Config,
  loadAgain: () => Promise<unknown>,
  log: Log,
): Promise<OpenedLive | undefined> {
  const handedOver = process.env[HANDED_OVER];
  delete process.env[HANDED_OVER];
  if (handedOver !== undefined) return takeOver(handedOver, log);
  if (process.platform !== 'linux') return undefined;
  if (config.interfaces.length > 0) takeCapabilities();
  if (!config.privileges.isDropped) return undefined;
  const { uid, privilegedThreads } = privilegesOfThreads();
  if (uid !== 0 && privilegedThreads === 0) return undefined;
  const opened =
    config.interfaces.length > 0
      ? openLive({ capture: captureOf(config), workers: config.workers })
      : undefined;
  if (uid === 0) await becomeUser(config, loadAgain, log);
  else if (config.privileges.runAs !== undefined) {
    throw new CommandError('--run-as needs root: this process is somebody else already');
  }
  for (const descriptor of [...descriptorsOf(opened), ...listeningDescriptors(config)]) {
    keepAcrossExec(descriptor, true);
  }
  giveUpCapabilities();
  flushCompileCache();
  process.execve!(process.execPath, [process.execPath, ...ownArguments()], {
    ...process.env,
    [HANDED_OVER]: JSON.stringify(opened ?? null),
  });
}

/** Of a single executable the first of argv is what was typed, and Node's options are in the file. */
function ownArguments(): readonly string[] {
  return isSea() ? process.argv.slice(2) : [...process.execArgv, ...process.argv.slice(1)];
}

function takeOver(handedOver: string, log: Log): OpenedLive | undefined {
  const opened = (JSON.parse(handedOver) ?? undefined) as OpenedLive | undefined;
  for (const descriptor of descriptorsOf(opened)) keepAcrossExec(descriptor, false);
  const { uid, privilegedThreads, isWithoutNewPrivileges } = privilegesOfThreads();
  if (privilegedThreads > 0 || !isWithoutNewPrivileges) {
    throw new CommandError(`privileges were not given up: ${privilegedThreads} threads have capabilities`);
  }
  log('info', 'privileges are given up', { uid, capabilities: 'none' });
  return opened;
}

/** Those of systemd, which Node marked to be closed when it began. The program that comes takes them. */
function listeningDescriptors({ web }: Config): readonly number[] {
  return web.isSystemdSocket ? systemdDescriptors({ ...process.env }, process.pid) : [];
}

/** Every number in what was opened whose name says that it is a descriptor. */
function descriptorsOf(opened: unknown): readonly number[] {
  if (typeof opened !== 'object' || opened === null) return [];
  return Object.entries(opened).flatMap(([name, value]) =>
    /descriptor$/i.test(name) && typeof value === 'number' ? [value] : descriptorsOf(value),
  );
}

/**
 * Becomes the user of --run-as, or who called sudo, or nobody. Where the last two cannot read what ringtap needs, or the
 * container does not allow it, the process stays user 0, who has no capability then either, and that is told.
 */
async function becomeUser(config: Config, loadAgain: () => Promise<unknown>, log: Log): Promise<void> {
  const { runAs } = config.privileges;
  const user = runAs === undefined ? usualUser() : findUser(runAs);
  const unreadable = await whatCannotBeRead(user, neededFiles(config), loadAgain);
  if (unreadable === undefined) {
    setUser(user, runAs !== undefined);
    return;
  }
  if (runAs !== undefined) throw new CommandError(`--run-as ${user.name}: ${unreadable}`);
  log('warn', 'stays user 0, without capabilities; --run-as names another user', {
    reason: `${user.name}: ${unreadable}`,
  });
}

function usualUser(): User {
  const { SUDO_UID, SUDO_GID, SUDO_USER } = process.env;
  const [uid, gid] = [Number(SUDO_UID), Number(SUDO_GID)];
  if (uid > 0 && gid > 0) return { name: SUDO_USER ?? `${uid}`, uid, gid };
  return findUser('nobody');
}

/** By name or number. Throws CommandError. */
function findUser(text: string): User {
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name = '', , uid, gid] = line.split(':');
    if (name === text || (uid === text && uid !== '')) return { name, uid: Number(uid), gid: Number(gid) };
  }
  if (/^[1-9]\d{0,9}$/.test(text)) return { name: text, uid: Number(text), gid: Number(text) };
  throw new CommandError(`--run-as: there is no user "${text}" in /etc/passwd`);
}

/** Files that the program, once it is somebody else, has to open: some of its own, and those it is told. */
function neededFiles({ analysis, web, push }: Config): readonly string[] {
  const own = isSea() ? [process.execPath] : [process.execPath, process.argv[1]!];
  const told = [analysis.tls?.keyLogFile, web.configFile, ...filesOf(push)];
  return [...own, ...told.filter((file) => file !== undefined)];
}

/** Tries as that user to open files and to read the options, which may be in files too; a sentence where that fails. */
async function whatCannotBeRead(
  { uid, gid }: User,
  files: readonly string[],
  loadAgain: () => Promise<unknown>,
): Promise<string | undefined> {
  const groups = process.getgroups!();
  try {
    process.setgroups!([]);
    process.setegid!(gid);
    process.seteuid!(uid);
    for (const file of files) closeSync(openSync(file, 'r'));
    await loadAgain();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  } finally {
    process.seteuid!(0);
    process.setegid!(0);
    try {
      process.setgroups!(groups);
    } catch {
      // Without CAP_SETGID they were not changed either.
    }
  }
}

function setUser({ name, uid, gid }: User, hasItsGroups: boolean): void {
  if (hasItsGroups && !/^\d+$/.test(name))
    (process as unknown as { initgroups(user: string, group: number): void }).initgroups(name, gid);
  else process.setgroups!([]);
  process.setgid!(gid);
  process.setuid!(uid);
}
