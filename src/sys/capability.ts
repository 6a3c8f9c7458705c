// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';

/** linux/capability.h: bit numbers. */
export const Capability = {
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_SYS_ADMIN: 21,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
} as const;
export type CapabilityName = keyof typeof Capability;

/** Does the calling thread have this capability in effect? Throws when /proc cannot be read. */
export function hasCapability(name: CapabilityName): boolean {
  return effectiveCapabilities(readFileSync('/proc/thread-self/status', 'utf8')).includes(name);
}

/** The capabilities named above that the text of /proc/PID/status says are in effect. */
export function effectiveCapabilities(status: string): CapabilityName[] {
  const mask = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1];
  if (mask === undefined) return [];
  const bits = BigInt(`0x${mask}`);
  const names = Object.keys(Capability) as CapabilityName[];
  return names.filter((name) => (bits >> BigInt(Capability[name])) & 1n);
}
