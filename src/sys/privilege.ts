// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { cBuffer, libc } from './libc.ts';
import { checked } from './system-error.ts';

// linux/prctl.h, linux/capability.h, fcntl.h
const PR_SET_NO_NEW_PRIVS = 38;
const CAPABILITY_VERSION_3 = 0x20080522;
const F_SETFD = 2;
const FD_CLOEXEC = 1;

/**
 * Puts the capabilities that the calling thread may have into effect. Those of a file without the effective bit
 * (setcap CAPABILITIES=p) are not, at first; with that bit no program starts where one of them is not allowed, capabilities(7).
 * Threads made later have them too. Throws SystemError.
 */
export function takeCapabilities(): void {
  const status = readFileSync('/proc/thread-self/status', 'latin1');
  const [inheritable, permitted, effective] = ['CapInh', 'CapPrm', 'CapEff'].map(
    (name) => new RegExp(`^${name}:\\s*([0-9a-f]{8})([0-9a-f]{8})$`, 'm').exec(status)!,
  ) as [RegExpExecArray, RegExpExecArray, RegExpExecArray];
  if (permitted[0].slice(-16) === effective[0].slice(-16)) return;
  // struct __user_cap_data_struct, the low 32 bits first: effective, permitted, inheritable.
  const data = new Uint32Array(
    [2, 1].flatMap((half) =>
      [permitted, permitted, inheritable].map((set) => Number.parseInt(set[half]!, 16)),
    ),
  );
  checked(
    libc().capset(Uint32Array.of(CAPABILITY_VERSION_3, 0), data),
    'capset',
    'put capabilities into effect',
  );
}

/**
 * Takes every capability from the calling thread, and the way back: neither a program with a capability nor one of root's gives
 * this thread and its children privileges again. Other threads of the process keep theirs. Throws SystemError.
 */
export function giveUpCapabilities(): void {
  const c = libc();
  checked(c.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 'prctl', 'forbid new privileges');
  const header = Uint32Array.of(CAPABILITY_VERSION_3, 0);
  // Effective, permitted and inheritable, twice 32 bits of each; what is not inheritable is not ambient.
  checked(c.capset(header, cBuffer(24)), 'capset', 'give up capabilities');
}

/** Whether a descriptor stays open in the program that this process becomes by execve(2). Throws SystemError. */
export function keepAcrossExec(descriptor: number, isKept: boolean): void {
  checked(
    libc().fcntl(descriptor, F_SETFD, isKept ? 0 : FD_CLOEXEC),
    'fcntl',
    `pass on descriptor ${descriptor}`,
  );
}

/** Who a process is, and what it may. */
export interface Privileges {
  readonly uid: number;
  /** Threads that have any capability, permitted or effective. */
  readonly privilegedThreads: number;
  readonly isWithoutNewPrivileges: boolean;
}

/** Of this process, all its threads, by /proc. */
export function privilegesOfThreads(): Privileges {
  const statuses = readdirSync('/proc/self/task').map(statusOfThread);
  const isPrivileged = (status: string): boolean => /^Cap(?:Prm|Eff):\s*0*[1-9a-f]/m.test(status);
  return {
    uid: process.getuid!(),
    privilegedThreads: statuses.filter(isPrivileged).length,
    isWithoutNewPrivileges: statuses.every((status) => status === '' || /^NoNewPrivs:\s*1$/m.test(status)),
  };
}

function statusOfThread(thread: string): string {
  try {
    return readFileSync(`/proc/self/task/${thread}/status`, 'latin1');
  } catch {
    // It has ended meanwhile.
    return '';
  }
}
