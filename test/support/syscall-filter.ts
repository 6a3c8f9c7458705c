// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { runCommand } from './command.ts';

/**
 * Makes a program that allows itself these system calls and no other, and then becomes the program of its arguments: what a
 * container engine does with a seccomp profile, and systemd with SystemCallFilter=. Others fail with EPERM. Returns its path.
 */
export async function makeSyscallFilter(folder: string, names: readonly string[]): Promise<string> {
  const program = join(folder, 'allow-syscalls');
  const allowed = names.map((name) => `#ifdef SYS_${name}\n  SYS_${name},\n#endif\n`).join('');
  const source = `
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>
static const unsigned allowed[] = {
${allowed}};
int main(int argc, char **argv) {
  enum { N = sizeof allowed / sizeof *allowed };
  static struct sock_filter code[2 * N + 2];
  unsigned at = 0;
  code[at++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
  for (unsigned i = 0; i < N; i++) {
    code[at++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, allowed[i], 0, 1);
    code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
  }
  code[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 1);
  struct sock_fprog filter = {.len = at, .filter = code};
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) || prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter)) perror("seccomp");
  else execv(argv[1], argv + 1);
  return 126;
}
`;
  await runCommand('gcc', ['-Wall', '-Werror', '-O1', '-x', 'c', '-o', program, '-'], { input: source });
  return program;
}

/** The system calls of a filter of systemd, such as `@system-service`, groups within it resolved. */
export async function systemdCalls(group: string): Promise<ReadonlySet<string>> {
  const text = await runCommand('systemd-analyze', ['syscall-filter', group]);
  const words = text
    .split('\n')
    .slice(1)
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'));
  const names = new Set<string>();
  for (const word of words) {
    if (!word.startsWith('@')) names.add(word);
    else for (const name of await systemdCalls(word)) names.add(name);
  }
  return names;
}
