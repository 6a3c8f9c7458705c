// SPDX-License-Identifier: Apache-2.0
import { createRequire } from 'node:module';

/** A buffer handed to C: its backing store must not move, so take it from `cBuffer`. */
export type CBuffer = Uint8Array | Int32Array | Uint32Array;

/** The C functions ringtap calls, with the arguments of their man pages. */
export type Libc = {
  readonly socket: (domain: number, type: number, protocol: number) => number;
  readonly bind: (descriptor: number, address: CBuffer, lengthBytes: number) => number;
  readonly sendto: (
    descriptor: number,
    bytes: CBuffer,
    lengthBytes: number,
    flags: number,
    address: CBuffer,
    addressBytes: number,
  ) => number;
  readonly getsockname: (descriptor: number, address: CBuffer, lengthBytes: CBuffer) => number;
  readonly setsockopt: (
    descriptor: number,
    level: number,
    name: number,
    value: CBuffer,
    lengthBytes: number,
  ) => number;
  readonly getsockopt: (
    descriptor: number,
    level: number,
    name: number,
    value: CBuffer,
    lengthBytes: CBuffer,
  ) => number;
  readonly ioctl: (descriptor: number, request: number, argument: CBuffer) => number;
  readonly poll: (descriptors: CBuffer, count: number, timeoutMillis: number) => number;
  readonly dup: (descriptor: number) => number;
  readonly close: (descriptor: number) => number;
  readonly mmap: (
    address: null,
    lengthBytes: number,
    protection: number,
    flags: number,
    descriptor: number,
    offset: number,
  ) => number;
  readonly munmap: (address: number, lengthBytes: number) => number;
  readonly madvise: (address: bigint, lengthBytes: bigint, advice: number) => number;
  readonly prctl: (option: number, second: number, third: number, fourth: number, fifth: number) => number;
  readonly capset: (header: CBuffer, data: CBuffer) => number;
  readonly fcntl: (descriptor: number, command: number, argument: number) => number;
  readonly unshare: (flags: number) => number;
  readonly getrlimit: (resource: number, limits: CBuffer) => number;
  readonly setrlimit: (resource: number, limits: CBuffer) => number;
  /** Of glibc only. */
  readonly malloc_trim: ((keepBytes: number) => number) | undefined;
  readonly syscall: (number: number, first: number, second: CBuffer, third: number) => number;
  /** The error number the last failing call of this thread left. */
  readonly errno: () => number;
  readonly addressOf: (buffer: CBuffer) => bigint;
  readonly view: (address: number, lengthBytes: number) => ArrayBuffer;
};

let loaded: Libc | undefined;

/**
 * The C library of this process, loaded at the first call: importing this module works on every system, only
 * the capture of packets needs Linux. Throws when this is not Linux.
 */
export function libc(): Libc {
  loaded ??= load();
  return loaded;
}

function load(): Libc {
  if (process.platform !== 'linux') {
    throw new Error(`capturing packets needs Linux, this is ${process.platform}`);
  }
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const library = koffi.load(null);
  // ioctl, prctl, fcntl and syscall are variadic in C; on x86-64 and arm64 Linux integer arguments travel the same way.
  return {
    socket: library.func('int socket(int, int, int)'),
    bind: library.func('int bind(int, void *, uint32_t)'),
    sendto: library.func('intptr_t sendto(int, void *, size_t, int, void *, uint32_t)'),
    getsockname: library.func('int getsockname(int, void *, void *)'),
    setsockopt: library.func('int setsockopt(int, int, int, void *, uint32_t)'),
    getsockopt: library.func('int getsockopt(int, int, int, void *, void *)'),
    ioctl: library.func('int ioctl(int, unsigned long, void *)'),
    poll: library.func('int poll(void *, unsigned long, int)'),
    dup: library.func('int dup(int)'),
    close: library.func('int close(int)'),
    mmap: library.func('intptr_t mmap(void *, size_t, int, int, int, int64_t)'),
    munmap: library.func('int munmap(intptr_t, size_t)'),
    madvise: library.func('int madvise(intptr_t, size_t, int)'),
    prctl: library.func('int prctl(int, unsigned long, unsigned long, unsigned long, unsigned long)'),
    capset: library.func('int capset(void *, void *)'),
    fcntl: library.func('int fcntl(int, int, long)'),
    unshare: library.func('int unshare(int)'),
    getrlimit: library.func('int getrlimit(int, void *)'),
    setrlimit: library.func('int setrlimit(int, void *)'),
    malloc_trim: optional(() => library.func('int malloc_trim(size_t)')),
    syscall: library.func('long syscall(long, long, void *, long)'),
    errno: () => koffi.errno(),
    addressOf: (buffer) => koffi.address(buffer) as bigint,
    view: (address, lengthBytes) => koffi.view(BigInt(address), lengthBytes),
  } as Libc;
}

/** Undefined where the C library has no such function, as musl. */
function optional<Function>(find: () => Function): Function | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

/** Zeroed memory outside of the JavaScript heap, which the garbage collector never moves. */
export function cBuffer(lengthBytes: number): Uint8Array {
  return new Uint8Array(new ArrayBuffer(lengthBytes));
}
