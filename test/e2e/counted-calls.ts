// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import bcrypt from 'bcryptjs';
import { killAndWait, runCommand, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { openNetwork } from '../support/network.ts';
import { runCalls } from '../support/sipp.ts';
import { planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const traffic = planOf({ flow: flows.answered, calls: 20 }, { callsPerSecond: 200 });
const capabilities = ['--inh-caps=-all,+net_raw,+bpf,+perfmon', '--ambient-caps=-all,+net_raw,+bpf,+perfmon'];

/**
 * Runs `command`, which starts ringtap, as a user with the capabilities it needs and with every kind of thread it has to receive:
 * two capture workers, that of HEP and that of passwords. Real calls must be counted; `look` is called before it ends.
 */
export async function countCallsWithCapabilities(
  command: readonly string[],
  look: (pid: number) => void = () => {},
): Promise<void> {
  await using network = await openNetwork();
  const { namespace, interfaceName } = network.callee;
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-counted-'));
  try {
    chmodSync(folder, 0o755);
    const web = join(folder, 'web.yml');
    writeFileSync(web, `basic_auth_users:\n  a: ${bcrypt.hashSync('b', 8)}\n`);
    const args = ['-i', interfaceName, '--capture.workers', '2', '--hep.listen-address', 'udp:9060'];
    const running = await startCommand(
      'setpriv',
      [
        ...['--reuid=4321', '--regid=4321', '--clear-groups', ...capabilities],
        ...[...command, 'run', ...args, '--web.config.file', web],
      ],
      { namespace },
    );
    try {
      const get = (path: string): Promise<string> =>
        runCommand('curl', ['-s', '-u', 'a:b', `http://127.0.0.1:10060${path}`], { namespace });
      const isReady = async (): Promise<true | undefined> =>
        (await get('/-/ready').catch(() => '')).includes('is ready') || undefined;
      await waitUntil('it is ready', isReady, 20_000, running.stderr);
      await runCalls(network, traffic);
      const counted = /^sip_session_attempt_results_total\{.*"inbound",result="answered"\} 20$/m;
      await waitUntil('the calls are counted', async () => counted.test(await get('/metrics')) || undefined);
      look(running.pid);
      process.kill(running.pid, 'SIGTERM');
      const { code, stderr } = await running.finished;
      assert.equal(code, 0);
      assert.doesNotMatch(stderr, /level=(warn|error)/);
    } finally {
      await killAndWait(running);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}
