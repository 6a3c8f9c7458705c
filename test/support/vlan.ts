// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.ts';
import type { Network } from './network.ts';

/** `customer`: one 802.1Q tag, id 100. `both`: that one inside an 802.1ad tag, id 200 (QinQ). */
export type VlanTags = 'customer' | 'both';

/** Makes both hosts tag all they send and accept only tagged frames; see vlan-tag.bpf.c. */
export async function tagFrames(network: Network, tags: VlanTags): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-vlan-'));
  try {
    const object = join(folder, 'vlan-tag.bpf.o');
    const machine = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
    await runCommand('clang-19', [
      ...['-O2', '-g', '-target', 'bpf', `-I/usr/include/${machine}-linux-gnu`],
      ...['-c', join(import.meta.dirname, 'vlan-tag.bpf.c'), '-o', object],
    ]);
    const suffix = tags === 'both' ? 'both-tags' : 'customer-tag';
    for (const { namespace, interfaceName } of [network.caller, network.callee]) {
      const attach = async (hook: string, section: string): Promise<string> =>
        await runCommand('tc', [
          ...['-n', namespace, 'filter', 'add', 'dev', interfaceName, hook],
          ...['bpf', 'direct-action', 'object-file', object, 'section', section],
        ]);
      await runCommand('tc', ['-n', namespace, 'qdisc', 'add', 'dev', interfaceName, 'clsact']);
      await attach('egress', `push-${suffix}`);
      await attach('ingress', `pop-${suffix}`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
