// SPDX-License-Identifier: Apache-2.0
import { libc } from './libc.ts';
import { checked } from './system-error.ts';

const CLONE_NEWNET = 0x40000000;

/**
 * Moves the calling thread into a new network namespace that holds only `lo`, down. Sockets it had keep
 * theirs; child processes and threads it starts from now on get the new one; other threads stay. The namespace
 * ends with its last thread and socket. Throws SystemError (CAP_SYS_ADMIN).
 */
export function enterNewNetworkNamespace(): void {
  checked(libc().unshare(CLONE_NEWNET), 'unshare', 'enter a new network namespace');
}
