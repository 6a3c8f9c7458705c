// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { enterNewNetworkNamespace } from '../../src/sys/network-namespace.ts';

/** Frames sent on `sender` arrive on `receiver`. */
export const sender = 'bench-tx';
export const receiver = 'bench-rx';

/**
 * Moves this process into a network namespace of its own with a veth pair in it. Children inherit it; the kernel
 * removes it with the last of them, however they end. Needs root.
 */
export function openNetwork(): void {
  enterNewNetworkNamespace();
  const ip = (...args: string[]) => execFileSync('ip', args, { stdio: 'inherit' });
  ip('link', 'set', 'lo', 'up');
  // One queue each: as one queue of a network card serves one core.
  ip('link', 'add', sender, 'numrxqueues', '1', 'numtxqueues', '1', 'type', 'veth', 'peer', 'name', receiver);
  for (const name of [sender, receiver]) {
    // No router solicitations and neighbour discovery among the frames that are counted.
    ip('link', 'set', name, 'addrgenmode', 'none');
    // veth's own queue-and-poll mode off: the sender's core carries each frame all the way into the ring.
    execFileSync('ethtool', ['-K', name, 'gro', 'off'], { stdio: 'inherit' });
    ip('link', 'set', name, 'up');
  }
}
