// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. What ringtap may once it captures, by what it may when it starts, and that it
// still counts, also when its interface goes and comes.
import assert from 'node:assert/strict';
import {
  chmodSync,
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { killAndWait, runCommand, startCommand } from '../support/command.ts';
import { waitUntil } from '../support/deadline.ts';
import { type Network, openNetwork } from '../support/network.ts';
import { runCalls } from '../support/sipp.ts';
import { planOf } from './expected-figures.ts';
import { flows } from './flows.ts';

const program = join(import.meta.dirname, '../../bin/ringtap.js');
const traffic = planOf({ flow: flows.answered, calls: 20 }, { callsPerSecond: 200 });
const capturing = ['--inh-caps=-all,+net_raw,+bpf', '--ambient-caps=-all,+net_raw,+bpf'];

/** Starts ringtap behind another program, which changes what it may. */
async function startBehind(
  network: Network,
  before: readonly string[],
  args: readonly string[] = [],
  node = process.execPath,
  script = program,
) {
  const { namespace, interfaceName } = network.callee;
  const [command, ...rest] = [...before, node, script, 'run', '-i', interfaceName, ...args];
  const running = await startCommand(command!, rest, { namespace, timeoutMillis: 60_000 });
  const curl = (path: string): Promise<string> =>
    runCommand('ip', [
      'netns',
      'exec',
      namespace,
      'curl',
      '-s',
      '--max-time',
      '5',
      `http://127.0.0.1:10060${path}`,
    ]);
  return {
    ...running,
    get: curl,
    ready: () =>
      waitUntil(
        'it is ready',
        async () => (await curl('/-/ready').catch(() => '')).includes('is ready') || undefined,
        20_000,
        running.stderr,
      ),
    invites: async (): Promise<number> =>
      Number(
        /^sip_requests_total\{.*direction="inbound",method="INVITE"\} (\d+)/m.exec(
          await curl('/metrics'),
        )?.[1],
      ),
    [Symbol.asyncDispose]: async () => {
      await killAndWait(running);
    },
  };
}

/** Each thread's user and capabilities, each kind once. */
function threadsOf(pid: number): readonly string[] {
  const threads = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const status = readFileSync(`/proc/${pid}/task/${thread}/status`, 'latin1');
    const [uid, permitted, effective, ambient, noNew] = [
      'Uid',
      'CapPrm',
      'CapEff',
      'CapAmb',
      'NoNewPrivs',
    ].map((name) => new RegExp(`^${name}:\\s*(\\w+)`, 'm').exec(status)![1]);
    return `uid ${uid}, capabilities ${BigInt(`0x${permitted}`) | BigInt(`0x${effective}`) | BigInt(`0x${ambient}`)}, ${noNew}`;
  });
  assert.ok(threads.length > 3, 'there are threads besides the main one');
  return [...new Set(threads)];
}

for (const [who, before, args, expected] of [
  ['root becomes nobody', ['env'], [], 'uid 65534, capabilities 0, 1'],
  [
    'root becomes who called sudo',
    ['env', 'SUDO_UID=1234', 'SUDO_GID=1234'],
    [],
    'uid 1234, capabilities 0, 1',
  ],
  [
    'root becomes --run-as',
    ['env', 'SUDO_UID=1234', 'SUDO_GID=1234'],
    ['--run-as', 'daemon'],
    'uid 1, capabilities 0, 1',
  ],
  [
    'a user with ambient capabilities loses them',
    ['setpriv', '--reuid=4321', '--regid=4321', '--clear-groups', ...capturing],
    [],
    'uid 4321, capabilities 0, 1',
  ],
  [
    'root of a container without CAP_SETUID stays user 0',
    ['setpriv', '--bounding-set=-all,+net_raw,+bpf'],
    [],
    'uid 0, capabilities 0, 1',
  ],
  [
    'two workers, promiscuous',
    ['env'],
    ['--capture.workers', '2', '--capture.promiscuous'],
    'uid 65534, capabilities 0, 1',
  ],
] as const) {
  test(`root: ${who}, and still captures an interface that goes and comes`, async () => {
    await using network = await openNetwork();
    await using ringtap = await startBehind(network, before, args);
    await ringtap.ready();
    assert.deepEqual(threadsOf(ringtap.pid), [expected], ringtap.stderr());
    await runCalls(network, traffic);
    await waitUntil('the calls are counted', async () =>
      (await ringtap.invites()) === 20 ? true : undefined,
    );
    await network.unplug();
    await waitUntil(
      'it is not ready',
      async () => (await ringtap.get('/-/ready')).includes('not ready') || undefined,
    );
    await network.plug();
    await ringtap.ready();
    await runCalls(network, traffic);
    await waitUntil('the calls are counted', async () =>
      (await ringtap.invites()) === 40 ? true : undefined,
    );
    assert.deepEqual(threadsOf(ringtap.pid), [expected]);
    // /proc/self is its own: nothing of it is hidden from it.
    assert.match(await ringtap.get('/metrics'), /^process_open_fds \d+$/m);
  });
}

test('root: a user with the capabilities of the file, as many of them as are allowed', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-capable-'));
  t.after(() => rmSync(folder, { recursive: true }));
  chmodSync(folder, 0o755);
  const node = join(folder, 'node');
  copyFileSync(process.execPath, node);
  await runCommand('setcap', ['cap_net_raw,cap_bpf,cap_perfmon=p', node]);
  const allowed = (capabilities: string): string[] => [
    ...['setpriv', '--reuid=4321', '--regid=4321', '--clear-groups'],
    `--bounding-set=-all${capabilities}`,
  ];
  await using network = await openNetwork();
  for (const [bounds, args] of [
    ['+net_raw,+bpf', []],
    ['+net_raw,+bpf,+perfmon', ['--capture.workers', '2']],
  ] as const) {
    await using ringtap = await startBehind(network, allowed(`,${bounds}`), args, node);
    await ringtap.ready();
    assert.deepEqual(threadsOf(ringtap.pid), ['uid 4321, capabilities 0, 1'], ringtap.stderr());
    await runCalls(network, traffic);
    await waitUntil('the calls are counted', async () =>
      (await ringtap.invites()) === 20 ? true : undefined,
    );
  }
  // Where nothing is allowed it runs all the same, and says what is missing.
  await using ringtap = await startBehind(network, allowed(''), [], node);
  assert.match((await ringtap.finished).stderr, /^ringtap: capturing packets needs CAP_NET_RAW /m);
});

test('root: a link that only root can read, as npx has it under sudo, leads to a program that others can', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-npx-')); // mode 0700
  t.after(() => rmSync(folder, { recursive: true }));
  const link = join(folder, 'ringtap');
  symlinkSync(program, link);
  await using network = await openNetwork();
  await using ringtap = await startBehind(network, ['env'], [], process.execPath, link);
  await ringtap.ready();
  assert.deepEqual(threadsOf(ringtap.pid), ['uid 65534, capabilities 0, 1'], ringtap.stderr());
});

test('root: --no-drop-privileges keeps them', async () => {
  await using network = await openNetwork();
  await using ringtap = await startBehind(network, ['env'], ['--no-drop-privileges']);
  await ringtap.ready();
  const [thread, ...others] = threadsOf(ringtap.pid);
  assert.deepEqual(others, []);
  assert.match(thread!, /^uid 0, capabilities [1-9]\d+, 0$/);
});

test('root: a user who cannot read what is needed is told, or not chosen', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-secret-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'web.yml');
  writeFileSync(file, '');
  await using network = await openNetwork();
  await using refused = await startBehind(
    network,
    ['env'],
    ['--web.config.file', file, '--run-as', 'nobody'],
  );
  const { code, stderr } = await refused.finished;
  assert.deepEqual(
    [code, stderr.trimEnd()],
    [1, `ringtap: --run-as nobody: EACCES: permission denied, open '${file}'`],
  );
  await using ringtap = await startBehind(network, ['env'], ['--web.config.file', file]);
  await ringtap.ready();
  assert.deepEqual(threadsOf(ringtap.pid), ['uid 0, capabilities 0, 1']);
  assert.match(ringtap.stderr(), /level=warn msg="stays user 0, without capabilities/);
});

test('root: a file system that can only be read, and a /proc without others', async () => {
  await using network = await openNetwork();
  const readOnly = [
    'unshare',
    '--mount',
    'sh',
    '-c',
    'mount -o remount,bind,ro / && mount -t proc -o subset=pid,hidepid=invisible proc /proc && exec "$@"',
    'sh',
  ];
  await using ringtap = await startBehind(network, readOnly);
  await ringtap.ready();
  assert.deepEqual(threadsOf(ringtap.pid), ['uid 65534, capabilities 0, 1']);
  assert.match(readFileSync(`/proc/${ringtap.pid}/mountinfo`, 'latin1'), / \/ \/ ro[,\s]/);
  await runCalls(network, traffic);
  await waitUntil('the calls are counted', async () => ((await ringtap.invites()) === 20 ? true : undefined));
  assert.doesNotMatch(ringtap.stderr(), /level=error/);
});

test('root: sockets that systemd opens, and what it is told', async () => {
  await using network = await openNetwork();
  const { namespace } = network.callee;
  const heard = `import socket, os
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind("\\0ringtap-e2e-${process.pid}")
print("bound", flush=True)
while True: print(s.recv(1000).decode(), flush=True)`;
  const manager = await startCommand('python3', ['-c', heard], { namespace, timeoutMillis: 60_000 });
  try {
    await waitUntil('it listens', () => manager.stdout().includes('bound') || undefined);
    const activate = [
      'systemd-socket-activate',
      '-l',
      '127.0.0.1:10060',
      '-E',
      `NOTIFY_SOCKET=@ringtap-e2e-${process.pid}`,
    ];
    const watchdog = ['-E', 'WATCHDOG_USEC=6000000', ...['PATH', 'HOME'].flatMap((name) => ['-E', name])];
    await using ringtap = await startBehind(network, [...activate, ...watchdog], ['--web.systemd-socket']);
    await waitUntil(
      'it listens',
      () => ringtap.stderr().includes('Listening on') || undefined,
      15_000,
      ringtap.stderr,
    );
    await ringtap.ready();
    assert.deepEqual(threadsOf(ringtap.pid), ['uid 65534, capabilities 0, 1']);
    await waitUntil('the watchdog is told', () => manager.stdout().includes('WATCHDOG=1') || undefined);
    process.kill(ringtap.pid, 'SIGTERM');
    assert.equal((await ringtap.finished).code, 0);
    await waitUntil('the end is told', () => manager.stdout().includes('STOPPING=1') || undefined);
    assert.deepEqual(
      [...new Set(manager.stdout().trim().split('\n'))],
      ['bound', 'READY=1', 'WATCHDOG=1', 'STOPPING=1'],
    );
  } finally {
    await killAndWait(manager);
  }
});
