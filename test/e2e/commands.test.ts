// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets, bpf(2). The commands as a user meets them.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { type Finished, killAndWait, type Running, runCommand, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { type Exposition, parsePrometheusText } from '../support/prometheus-text.ts';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'bin/ringtap.js');
/** The PATH of a user's shell: `npm test` puts the Node of this project first. */
const userPath = process.env['PATH']!.split(delimiter).filter(
  (folder) => !folder.endsWith('node_modules/.bin'),
);

/** Runs a command to its end, whatever its exit code. */
async function finish(command: string, args: readonly string[]): Promise<Finished> {
  return await (await startCommand(command, args, { timeoutMillis: 60_000 })).finished;
}

/** Waits until the demo says where it serves. */
function addressOf(demo: Running): Promise<string> {
  return waitUntil(
    'the demo says its address',
    () => {
      if (demo.child.exitCode !== null) throw new Error(`the demo ended\n${demo.stdout()}${demo.stderr()}`);
      return /Look at (http:\/\/\S+) and/.exec(demo.stdout())?.[1];
    },
    60_000,
    demo.stderr,
  );
}

async function scrape(address: string): Promise<Exposition> {
  return parsePrometheusText(await (await fetch(`${address}/metrics`)).text());
}

/** Waits until calls were answered and ended, and checks that the figures fit each other. */
async function watchCalls(address: string): Promise<void> {
  const exposition = await waitUntil(
    'calls are answered, heard both ways and end, users register, the peer is up',
    async () => {
      const now = await scrape(address);
      const hasEnds = now.sum('rtp_call_results_total', { result: 'both_ways' }) > 2;
      const hasUsers = now.sum('sip_registrations') > 0;
      return hasEnds && hasUsers && now.sum('sip_peer_up', { peer: 'server' }) === 1 ? now : undefined;
    },
    60_000,
  );
  const answered = exposition.sum('sip_session_attempt_results_total', { result: 'answered' });
  assert.equal(
    exposition.sum('sip_dialogs', { state: 'confirmed' }),
    answered - exposition.sum('sip_sessions_ended_total'),
    'every answered call goes on or has ended',
  );
  assert.ok(exposition.sum('sip_session_attempts_total') >= answered);
  assert.equal(exposition.sum('sip_parse_errors_total'), 0);
  assert.equal(exposition.sum('ringtap_capture_drops_total'), 0);
}

/** Inodes of all network namespaces of the machine. */
async function networkNamespaces(): Promise<string[]> {
  const text = await runCommand('lsns', ['--type', 'net', '--noheadings', '--output', 'NS']);
  return text.split(/\s+/);
}

/** Inode of the network namespace that threads of a process have made for themselves. */
function ownNamespaceOf(pid: number): string {
  const tasks = readdirSync(`/proc/${pid}/task`).map((task) =>
    readlinkSync(`/proc/${pid}/task/${task}/ns/net`),
  );
  const own = tasks.find((link) => link !== readlinkSync('/proc/self/ns/net'));
  assert.ok(own, 'the demo has a network namespace of its own');
  return own.slice('net:['.length, -1);
}

for (const signal of ['SIGINT', 'SIGKILL'] as const) {
  test(`root: ringtap demo shows calls and leaves nothing behind after ${signal}`, async () => {
    const demo = await startCommand(process.execPath, [
      program,
      'demo',
      '--web.listen-address',
      '127.0.0.1:0',
    ]);
    const address = await addressOf(demo);
    await watchCalls(address);
    const namespace = ownNamespaceOf(demo.pid);
    assert.ok((await networkNamespaces()).includes(namespace));
    const links = await runCommand('ip', ['-oneline', 'link']);
    assert.doesNotMatch(links, /veth|ringtap/, 'the machine has no interface more');
    const { code } = await killAndWait(demo, signal);
    assert.equal(code, signal === 'SIGINT' ? 0 : null);
    await waitUntil('its network namespace is gone', async () => {
      return (await networkNamespaces()).includes(namespace) ? undefined : true;
    });
  });
}

test('root: ringtap doctor says what is right, and exits with 1 when something is not', async () => {
  const fine = await finish(process.execPath, [
    program,
    'doctor',
    '-i',
    'lo',
    '--web.listen-address',
    '127.0.0.1:0',
  ]);
  assert.equal(fine.code, 0, fine.stdout + fine.stderr);
  assert.match(fine.stdout, /^ok {4}capture: filter loaded/m);
  assert.match(fine.stdout, /ringtap can run here\.\n$/);

  const missing = await finish(process.execPath, [program, 'doctor', '-i', 'nosuch0']);
  assert.match(
    missing.stdout,
    /^note {2}nosuch0: is missing or down; ringtap waits for it\. Up are: .*\blo\b/m,
  );

  const elsewhere = await finish(process.execPath, [
    program,
    'doctor',
    '--web.listen-address',
    '192.0.2.1:1',
  ]);
  assert.equal(elsewhere.code, 1);
  assert.match(elsewhere.stdout, /^FAIL {2}address 192\.0\.2\.1:1: cannot be used/m);
});

/** The same user without any capability. */
const unprivileged = ['--bounding-set=-all', '--inh-caps=-all', '--', process.execPath, program];

for (const command of ['run', 'demo', 'doctor']) {
  test(`root: ringtap ${command} without privilege says what is missing, without a stack trace`, async () => {
    const { code, stdout, stderr } = await finish('setpriv', [
      ...unprivileged,
      command,
      '--web.listen-address',
      '127.0.0.1:0',
    ]);
    assert.equal(code, 1);
    const text = stdout + stderr;
    assert.match(
      text,
      command === 'demo' ? /CAP_SYS_ADMIN/ : /CAP_NET_RAW.*(run as root|AmbientCapabilities)/,
    );
    assert.doesNotMatch(text, /\n\s+at |Error:/);
  });
}

test('a wrong command line exits with 2 and one sentence', async () => {
  for (const args of [['rnu'], ['run', '--sip.ports', 'x'], ['run', '--nope']]) {
    const { code, stdout, stderr } = await finish(process.execPath, [program, ...args]);
    assert.deepEqual([code, stdout, stderr.trimEnd().split('\n').length], [2, '', 1]);
    assert.match(stderr, /^ringtap: /);
  }
});

/** Code blocks of a language in a document. */
function codeBlocks(path: string, language: string): string[] {
  const text = readFileSync(path, 'utf8');
  return [...text.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms'))].map(
    (match) => match[1]!,
  );
}

for (const [document, least] of [
  ['README.md', 1],
  ['docs/operations.md', 2],
  ['docs/abuse.md', 1],
  ['docs/call-media.md', 1],
] as const) {
  test(`the examples of ${document} print what it shows`, async () => {
    const blocks = codeBlocks(join(root, document), 'console');
    assert.ok(blocks.length >= least, `${blocks.length} examples`);
    for (const block of blocks) {
      let printed = '';
      for (const [, command] of block.matchAll(/^\$ (.*)$/gm)) {
        printed += `$ ${command}\n${await runCommand('bash', ['-c', command!], { cwd: root })}`;
      }
      assert.equal(printed, block);
    }
  });
}

/**
 * `ringtap run` as the README starts it and the question it asks, in a network and among processes of their own, which
 * end with the shell.
 */
const firstRun = `exec unshare --net --pid --fork --kill-child --mount-proc bash -c '
  ip link set lo up
  npx ringtap run &
  until curl -sf http://127.0.0.1:10060/-/ready; do sleep 0.2; done
  curl -s http://127.0.0.1:10060/metrics | grep ^sip_requests_total'`;

test('root: a fresh clone with the system Node: the commands of the README', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-clone-'));
  try {
    await runCommand('git', ['clone', '--quiet', root, folder]);
    const shell = (script: string): Promise<Running> =>
      startCommand('env', [`PATH=${userPath.join(delimiter)}`, 'bash', '-c', script], {
        cwd: folder,
        timeoutMillis: 240_000,
      });
    // A terminal sends Ctrl-C to npx and what it runs alike; so does timeout.
    const demo = await shell(
      'npm ci --no-audit --no-fund && exec timeout 200 npx ringtap demo --web.listen-address 127.0.0.1:0',
    );
    await watchCalls(await addressOf(demo));
    await killAndWait(demo, 'SIGINT');
    const run = await (await shell(firstRun)).finished;
    assert.match(run.stdout, /^sip_requests_total\{interface="lo",direction="inbound",method="INVITE"\} 0$/m);
    const version = await (await shell('npx ringtap version')).finished;
    assert.match(version.stdout, /^ringtap \d+\.\d+\.\d+ \(Node 2[4-9]\./);
    const direct = await (await shell('bin/ringtap.js version')).finished;
    assert.equal(direct.stdout, version.stdout, 'the launcher finds the Node that came with npm ci');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
