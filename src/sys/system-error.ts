// SPDX-License-Identifier: Apache-2.0
import { getSystemErrorMessage, getSystemErrorName } from 'node:util';
import { libc } from './libc.ts';

/** A system call failed. */
export class SystemError extends Error {
  override readonly name = 'SystemError';
  /** Name of the call, such as `bind`. */
  readonly syscall: string;
  /** Symbolic error, such as `ENODEV`, or `errno N` when it has no name. */
  readonly code: string;
  /** Error number as in errno(3). */
  readonly errno: number;

  /** `action` says what was tried, such as `bind to eth0`. */
  constructor(syscall: string, errno: number, action: string) {
    const code = errnoName(errno);
    const explained = code.startsWith('errno') ? code : `${code}, ${getSystemErrorMessage(-errno)}`;
    super(`cannot ${action}: ${syscall}: ${explained}`);
    this.syscall = syscall;
    this.code = code;
    this.errno = errno;
  }
}

/** The name of an error number, such as `EPERM` for 1; `errno N` when it has none. */
export function errnoName(errno: number): string {
  const name = errno > 0 ? getSystemErrorName(-errno) : '';
  return /^E[A-Z0-9]+$/.test(name) ? name : `errno ${errno}`;
}

/** Returns the result of a C call that reports failure as a negative number, or throws SystemError. */
export function checked(result: number, syscall: string, action: string): number {
  if (result < 0) throw new SystemError(syscall, libc().errno(), action);
  return result;
}
