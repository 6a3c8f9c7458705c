// SPDX-License-Identifier: Apache-2.0
import { libc } from './libc.ts';
import { checked } from './system-error.ts';

// sys/mman.h, the same on x86-64 and arm64.
const PROT_READ = 1;
const PROT_WRITE = 2;
const MAP_SHARED = 1;
const MADV_HUGEPAGE = 14;
// sys/resource.h
const RLIMIT_MEMLOCK = 8;
const RLIM_INFINITY = 2n ** 64n - 1n;

/** Of a huge page, on x86-64 and on arm64 with pages of 4 KiB; elsewhere the advice is refused or does less. */
const HUGE_PAGE_BYTES = 2n ** 21n;

/** Kernel memory mapped into the process. */
export type Mapping = {
  readonly buffer: ArrayBuffer;
  readonly address: number;
  readonly lengthBytes: number;
};

/** Maps `lengthBytes` of what a descriptor stands for, readable and writable. Throws SystemError. */
export function mapMemory(descriptor: number, lengthBytes: number): Mapping {
  const c = libc();
  const address = checked(
    c.mmap(null, lengthBytes, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0),
    'mmap',
    `map ${lengthBytes} bytes`,
  );
  return { buffer: c.view(address, lengthBytes), address, lengthBytes };
}

/** Ends a mapping. Whoever reads a view of its buffer afterwards ends the process with SIGSEGV. */
export function unmapMemory(mapping: Mapping): void {
  checked(libc().munmap(mapping.address, mapping.lengthBytes), 'munmap', 'unmap memory');
}

/**
 * Asks for huge pages under memory that is not touched yet and is used at random: tables miss the TLB less (100 ns of
 * 1,000 a packet, bench pipeline/full-calls). What is at most a hint for the kernel needs no answer.
 */
export function adviseHugePages(buffer: ArrayBufferLike): void {
  const c = libc();
  const address = c.addressOf(new Uint8Array(buffer));
  const first = ((address + HUGE_PAGE_BYTES - 1n) / HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES;
  const end = ((address + BigInt(buffer.byteLength)) / HUGE_PAGE_BYTES) * HUGE_PAGE_BYTES;
  if (end > first) c.madvise(first, end - first, MADV_HUGEPAGE);
}

/**
 * Gives memory that was freed back to the system: glibc keeps what V8's compilers freed on their threads, some 30 MB
 * after the start. Takes a few milliseconds; does nothing with another C library.
 */
export function releaseFreeMemory(): void {
  libc().malloc_trim?.(0);
}

/**
 * Lets this process lock as much memory as it may, which is no end with CAP_SYS_RESOURCE: what eBPF maps take counts there
 * before Linux 5.11. Returns whether that is more than before.
 */
export function liftLockedMemoryLimit(): boolean {
  const c = libc();
  const limits = new BigUint64Array(2);
  const bytes = new Uint8Array(limits.buffer);
  if (c.getrlimit(RLIMIT_MEMLOCK, bytes) < 0) return false;
  const [before = 0n, most = 0n] = limits;
  if (before === RLIM_INFINITY) return false;
  limits.fill(RLIM_INFINITY);
  if (c.setrlimit(RLIMIT_MEMLOCK, bytes) === 0) return true;
  limits.fill(most);
  return most > before && c.setrlimit(RLIMIT_MEMLOCK, bytes) === 0;
}
