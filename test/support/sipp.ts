// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAndWait, type Running, startCommand } from './command.ts';
import { waitUntil } from './deadline.ts';
import type { Hosts } from './network.ts';

/** One run of SIPp against SIPp: `calls` runs through the two scenarios in `test/e2e/scenarios`. */
export type CallPlan = {
  /** Scenario file of the caller, without `.xml`. */
  readonly caller: string;
  /** Scenario file of the callee, without `.xml`. */
  readonly callee: string;
  readonly calls: number;
  readonly callsPerSecond?: number;
  /** UDP port of both sides; 5060 if not given. */
  readonly port?: number;
  readonly ipv6?: boolean;
};

const scenarioFolder = join(import.meta.dirname, '../e2e/scenarios');
const timeoutSeconds = 40;

/** Calls under way. */
export type Calls = AsyncDisposable & {
  /** Resolves when both sides have done all calls; rejects with what SIPp said if one call went wrong. */
  succeed(): Promise<void>;
};

/** Runs a plan to its end. Every call succeeds with each message sent exactly once, or this throws. */
export async function runCalls(hosts: Hosts, plan: CallPlan): Promise<void> {
  await using calls = await startCalls(hosts, plan);
  await calls.succeed();
}

/** Starts the callee, then, when it listens, the caller. */
export async function startCalls(hosts: Hosts, plan: CallPlan): Promise<Calls> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-sipp-'));
  const port = plan.port ?? 5060;
  const version = plan.ipv6 === true ? 'ipv6' : 'ipv4';
  const callerAddress = hosts.caller[version];
  const calleeAddress = hosts.callee[version];
  const callee = await startSipp(hosts.callee.namespace, folder, plan.callee, calleeAddress, port, plan, []);
  const started: Running[] = [callee];
  try {
    await waitUntil(
      `SIPp ${plan.callee} on port ${port}`,
      () => isBound(callee, port),
      10_000,
      callee.stderr,
    );
    const rate = String(plan.callsPerSecond ?? 100);
    const target = plan.ipv6 === true ? `[${calleeAddress}]:${port}` : `${calleeAddress}:${port}`;
    started.push(
      await startSipp(hosts.caller.namespace, folder, plan.caller, callerAddress, port, plan, [
        ...['-r', rate],
        target,
      ]),
    );
  } catch (error) {
    await endAll(started, folder);
    throw error;
  }
  return {
    succeed: async () => {
      for (const running of started) {
        const { code, signal, stdout, stderr } = await running.finished;
        if (code !== 0) {
          const side = running === callee ? plan.callee : plan.caller;
          throw new Error(
            `SIPp ${side}: exit code ${code}, signal ${signal}\n${stderr}\n${stdout.slice(-4000)}`,
          );
        }
      }
    },
    [Symbol.asyncDispose]: () => endAll(started, folder),
  };
}

function startSipp(
  namespace: string,
  folder: string,
  scenario: string,
  localAddress: string,
  port: number,
  plan: CallPlan,
  more: readonly string[],
): Promise<Running> {
  return startCommand(
    'sipp',
    [
      ...['-sf', join(scenarioFolder, `${scenario}.xml`), '-i', localAddress, '-p', String(port)],
      '-bind_local',
      ...['-m', String(plan.calls), '-nostdin', '-deadcall_wait', '0'],
      // No retransmissions: the numbers on the wire are then exact on a slow machine too, and a lost packet fails
      // the call instead of hiding in the counts.
      ...['-nr', '-timeout', `${timeoutSeconds}s`, '-timeout_error', ...more],
    ],
    { namespace, cwd: folder, timeoutMillis: (timeoutSeconds + 5) * 1000 },
  );
}

/** True once the program's network namespace has a UDP socket on the port; undefined before, so that it can be waited for. */
function isBound(running: Running, port: number): true | undefined {
  const portHex = port.toString(16).toUpperCase().padStart(4, '0');
  if (running.child.exitCode !== null) {
    throw new Error(`SIPp ended before it listened: ${running.stderr()}${running.stdout()}`);
  }
  for (const table of ['udp', 'udp6']) {
    // `sl: local_address:port ...`, proc_pid_net(5)
    if (
      new RegExp(`^\\s*\\d+: [0-9A-F]+:${portHex} `, 'm').test(
        readFileSync(`/proc/${running.pid}/net/${table}`, 'utf8'),
      )
    ) {
      return true;
    }
  }
  return undefined;
}

async function endAll(started: readonly Running[], folder: string): Promise<void> {
  for (const running of started) {
    await killAndWait(running);
  }
  rmSync(folder, { recursive: true, force: true });
}
