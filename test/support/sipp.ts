// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { killAndWait, type Running, startCommand } from './command.ts';
import { waitUntil } from './deadline.ts';
import type { Host, Hosts } from './network.ts';

/** What both sides of a run have in common. */
export type RunOptions = {
  readonly calls: number;
  /** 100 if not given. */
  readonly callsPerSecond?: number;
  /** UDP port of both sides; 5060 if not given. */
  readonly port?: number;
  readonly ipv6?: boolean;
  /** UDP if not given; `t1` is TCP with one connection, `tn` with one for each call. */
  readonly transport?: 't1' | 'tn';
  /** What is put in the place of `[name]` in both scenario files. */
  readonly keys?: Readonly<Record<string, string>>;
  /** Password of the caller; the right one if not given. */
  readonly password?: string;
  /**
   * SIPp retransmits as RFC 3261 §17 asks. Without it the numbers on the wire are exact on a slow machine too, and a
   * lost packet fails the call instead of hiding in the counts.
   */
  readonly retransmits?: boolean;
  /** Call-ID of the caller's calls, `%u` being the number of the call; SIPp's own if not given. */
  readonly callId?: string;
  /** UDP port of the caller's media; the first free one from 6000 on if not given, as the callee's. */
  readonly callerMediaPort?: number;
};

/** One run of SIPp against SIPp: `calls` runs through the two scenarios in `test/e2e/scenarios`. */
export type CallPlan = RunOptions & {
  /** Scenario file of the caller, without `.xml`. */
  readonly caller: string;
  /** Scenario file of the callee, without `.xml`. */
  readonly callee: string;
};

/** One side, for itself. */
export type SidePlan = RunOptions & { readonly scenario: string };

/** Calls under way. */
export type Calls = AsyncDisposable & {
  /** Resolves when all calls are done on every side; rejects with what SIPp said if one call went wrong. */
  succeed(): Promise<void>;
  /** Resolves when all calls are over, well or not. */
  end(): Promise<void>;
};

const scenarioFolder = join(import.meta.dirname, '../e2e/scenarios');
const timeoutSeconds = 80;

/** Runs a plan to its end. Every call succeeds with each message sent exactly once, or this throws. */
export async function runCalls(hosts: Hosts, plan: CallPlan): Promise<void> {
  await using calls = await startCalls(hosts, plan);
  await calls.succeed();
}

/** Starts the callee, then, when it listens, the caller. */
export async function startCalls(hosts: Hosts, plan: CallPlan): Promise<Calls> {
  const callee = await startServer(hosts.callee, { ...plan, scenario: plan.callee });
  try {
    return together([callee, await startClient(hosts, { ...plan, scenario: plan.caller })]);
  } catch (error) {
    await callee[Symbol.asyncDispose]();
    throw error;
  }
}

/** Starts a side that waits for calls, and returns when it listens. */
export async function startServer(host: Host, plan: SidePlan): Promise<Calls> {
  const port = plan.port ?? 5060;
  const { running, calls } = await startSipp(host, plan, []);
  try {
    await waitUntil(
      `SIPp ${plan.scenario} on port ${port}`,
      () => isBound(running, port),
      10_000,
      running.stderr,
    );
  } catch (error) {
    await calls[Symbol.asyncDispose]();
    throw error;
  }
  return calls;
}

/** Starts a side that calls the other end of its wire. */
export async function startClient(hosts: Hosts, plan: SidePlan): Promise<Calls> {
  const port = plan.port ?? 5060;
  const target = plan.ipv6 === true ? `[${hosts.callee.ipv6}]:${port}` : `${hosts.callee.ipv4}:${port}`;
  const { calls } = await startSipp(hosts.caller, plan, [
    ...['-r', String(plan.callsPerSecond ?? 100)],
    ...(plan.callerMediaPort === undefined ? [] : ['-mp', String(plan.callerMediaPort)]),
    ...['-au', 'caller', '-ap', plan.password ?? 'secret', target],
  ]);
  return calls;
}

/** Several sides as one. */
export function together(sides: readonly Calls[]): Calls {
  return {
    succeed: async () => {
      for (const side of sides) await side.succeed();
    },
    end: async () => {
      for (const side of sides) await side.end();
    },
    [Symbol.asyncDispose]: async () => {
      for (const side of sides) await side[Symbol.asyncDispose]();
    },
  };
}

async function startSipp(
  host: Host,
  plan: SidePlan,
  more: readonly string[],
): Promise<{ running: Running; calls: Calls }> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-sipp-'));
  const address = plan.ipv6 === true ? host.ipv6 : host.ipv4;
  const scenario = join(folder, `${plan.scenario}.xml`);
  writeFileSync(scenario, readScenario(plan));
  const running = await startCommand(
    'sipp',
    [
      ...['-sf', scenario, '-i', address, '-p', String(plan.port ?? 5060)],
      ...['-bind_local', '-m', String(plan.calls), '-nostdin', '-deadcall_wait', '0'],
      // A call that went wrong is over: no BYE or CANCEL that is in no scenario.
      ...['-default_behaviors', 'all,-bye'],
      ...(plan.retransmits === true ? [] : ['-nr']),
      ...(plan.callId === undefined ? [] : ['-cid_str', plan.callId]),
      ...(plan.transport === undefined ? [] : ['-t', plan.transport, '-max_socket', '1000']),
      ...['-timeout', `${timeoutSeconds}s`, '-timeout_error'],
      ...more,
    ],
    { namespace: host.namespace, cwd: folder, timeoutMillis: (timeoutSeconds + 5) * 1000 },
  );
  const calls: Calls = {
    succeed: async () => {
      const { code, signal, stdout, stderr } = await running.finished;
      if (code !== 0) {
        throw new Error(
          `SIPp ${plan.scenario}: exit code ${code}, signal ${signal}\n${stderr}\n${stdout.slice(-4000)}`,
        );
      }
    },
    end: async () => {
      await running.finished;
    },
    [Symbol.asyncDispose]: async () => {
      await killAndWait(running);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return { running, calls };
}

function readScenario({ scenario, keys = {} }: SidePlan): string {
  let text = readFileSync(join(scenarioFolder, `${scenario}.xml`), 'utf8');
  for (const [name, value] of Object.entries(keys)) text = text.replaceAll(`[${name}]`, value);
  return text;
}

/** True once the program's network namespace has a socket on the port; undefined before, so that it can be waited for. */
export function isBound(running: Running, port: number): true | undefined {
  const portHex = port.toString(16).toUpperCase().padStart(4, '0');
  if (running.child.exitCode !== null) {
    throw new Error(`ended before it listened: ${running.stderr()}${running.stdout()}`);
  }
  for (const table of ['udp', 'udp6', 'tcp', 'tcp6']) {
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
