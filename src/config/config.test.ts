// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { defaultAbuseOptions } from '../abuse/abuse-options.ts';
import { GlobAutomaton } from '../base/glob-automaton.ts';
import { defaultSctpLimits } from '../decode/sctp-limits.ts';
import { defaultStreamLimits } from '../decode/stream-limits.ts';
import { allTunnels, TunnelKind, tunnelNames } from '../decode/tunnel-kind.ts';
import { defaultMediaLimits } from '../media/media-limits.ts';
import { defaultSdpLimits } from '../sdp/sdp-limits.ts';
import { defaultWebSocketLimits } from '../sip/websocket-limits.ts';
import { defaultTlsLimits } from '../tls/tls-limits.ts';
import { knownScannerAgents } from './abuse.ts';
import { parseConfig } from './config.ts';
import { renderConfigurationDocument } from './document.ts';
import { formatOptions } from './format-options.ts';
import { globsOf } from './labels.ts';
import { replayOptions, runOptions } from './options.ts';
import { parseReplayConfig } from './replay-config.ts';
import { ConfigError, formatPorts, parseCount, parseDuration, parsePorts, parseSize } from './values.ts';

const config = (...args: string[]): ReturnType<typeof parseConfig> => parseConfig(args);
const sentence = (pattern: RegExp): ((error: unknown) => boolean) => {
  return (error) => error instanceof ConfigError && pattern.test(error.message);
};

test('without options: every interface, port 5060, loopback', () => {
  assert.deepEqual(config(), {
    hepInput: undefined,
    hepOutput: undefined,
    interfaces: ['any'],
    promiscuous: false,
    ringBytes: 64 * 2 ** 20,
    workers: 1,
    handoverBytes: 16 * 2 ** 20,
    analysis: {
      fragments: { maxBytes: 4 * 2 ** 20, maxFragments: 64, timeoutMicros: 30e6, isVerifying: true },
      ports: [5060],
      detect: false,
      rtp: { detect: false },
      tunnels: { kinds: 0x1ff, maxDepth: 4 },
      parser: { maxMessageBytes: 65_535, maxHeaderBytes: 8192, maxHeaders: 256, maxVias: 70 },
      sdp: defaultSdpLimits,
      streams: defaultStreamLimits,
      webSocket: defaultWebSocketLimits,
      sctp: defaultSctpLimits,
      rtcp: { maxSources: 65_536 },
      concealsG711: true,
      rtpStreams: {
        maxStreams: 65_536,
        maxStreamsPerFlow: 8,
        idleMicros: 60e6,
        intervalMicros: 10e6,
        probation: 5,
        isDetecting: false,
        duplicateMicros: 50e3,
      },
      media: defaultMediaLimits,
      state: {
        maxTransactions: 131_072,
        maxAttempts: 131_072,
        maxDialogs: 131_072,
        maxEarlyDialogs: 32,
        maxRegistrationAttempts: 32_768,
        maxRegistrations: 131_072,
        maxBindings: 10,
        retryMicros: 32e6,
        forkMicros: 5e6,
        sessionLimitMicros: 86_400e6,
        registrationLimitMicros: 7200e6,
        duplicateMicros: 50e3,
      },
      peers: [],
      abuse: { ...defaultAbuseOptions, scannerAgents: globsOf('', knownScannerAgents) },
      windowMicros: 300e6,
    },
    budget: { maxSeries: 120_000, maxSeriesPerFamily: 60_000 },
    web: {
      listenAddresses: ['127.0.0.1:10060'],
      isSystemdSocket: false,
      configFile: undefined,
      telemetryPath: '/metrics',
      maxRequests: 16,
      maxConnections: 256,
    },
    push: { remoteWrite: undefined, otlp: undefined },
    privileges: { isDropped: true, runAs: undefined },
    isLifecycleEnabled: false,
    logFormat: 'logfmt',
  });
});

test('options repeat where that means something; elsewhere the last one counts', () => {
  const given = config(
    '-i',
    'eth0',
    '--interface=eth1',
    '--sip.ports',
    '5060',
    '--sip.ports',
    '5080-5082,5061',
  );
  assert.deepEqual(given.interfaces, ['eth0', 'eth1']);
  assert.deepEqual(given.analysis.ports, [5061, 5080, 5081, 5082]);
  assert.deepEqual(
    config('--web.listen-address', ':1', '--web.listen-address', '[::1]:2').web.listenAddresses,
    [':1', '[::1]:2'],
  );
});

test('ports: single ones and ranges, sorted, each once', () => {
  assert.deepEqual(parsePorts('p', '5061, 5060,5060-5062'), [5060, 5061, 5062]);
  assert.equal(parsePorts('p', '1-65535').length, 65_535);
  for (const text of ['5060', '5060-5062', '5060,5062-5064,5070', '1-65535']) {
    assert.equal(formatPorts(parsePorts('p', text)), text);
  }
  for (const wrong of [
    '',
    '0',
    '65536',
    '70000',
    '5062-5060',
    '5060-',
    '-1',
    'sip',
    '5060;5061',
    '1-2-3',
    '5060,,',
  ]) {
    assert.throws(
      () => parsePorts('--sip.ports', wrong),
      sentence(/--sip\.ports takes ports from 1 to 65535/),
      wrong,
    );
  }
});

test('durations, sizes and counts', () => {
  assert.equal(parseDuration('d', '500ms'), 500_000);
  assert.equal(parseDuration('d', '32s'), 32_000_000);
  assert.equal(parseDuration('d', '5m'), 300_000_000);
  assert.equal(parseDuration('d', '24h'), 86_400_000_000);
  for (const wrong of ['', '0s', '5', '1.5s', '-1s', '1d', 's', '1 s']) {
    assert.throws(() => parseDuration('--d', wrong), sentence(/--d takes a duration such as/), wrong);
  }
  assert.equal(parseSize('s', '64MiB'), 67_108_864);
  assert.equal(parseSize('s', '1GB'), 1e9);
  assert.equal(parseSize('s', '4096'), 4096);
  for (const wrong of ['', '0', '64M', '64mb', '-1MiB', '1.5GiB']) {
    assert.throws(() => parseSize('--s', wrong), sentence(/--s takes a size such as/), wrong);
  }
  assert.equal(parseCount('n', '7', 1, 7), 7);
  for (const wrong of ['0', '8', '', '1e3', '-2', 'x']) {
    assert.throws(
      () => parseCount('--n', wrong, 1, 7),
      sentence(/--n takes a whole number from 1 to 7/),
      wrong,
    );
  }
});

test('what is wrong on the command line gets a sentence that names it', () => {
  assert.throws(() => config('--sip.prots', '5060'), sentence(/--sip\.prots/));
  assert.throws(() => config('eth0'), sentence(/"eth0" is not understood/));
  assert.throws(() => config('-i'), sentence(/-i/));
  assert.throws(() => config('--log.format', 'xml'), sentence(/logfmt or json, not "xml"/));
  assert.throws(() => config('--web.listen-address', '10060'), sentence(/--web\.listen-address: "10060"/));
  assert.throws(() => config('--state.max-dialogs', '0'), sentence(/--state\.max-dialogs/));
  assert.throws(() => config('--rtp.interval', '61s'), sentence(/--rtp\.interval takes 1s to 60s/));
});

test('every option of the analysis reaches its place', () => {
  const { analysis } = config(
    ...['--sip.max-message-size', '2KiB', '--sip.max-header-length', '1KiB', '--sip.max-headers', '50'],
    ...['--sip.max-vias', '5', '--state.max-transactions', '1', '--state.max-attempts', '2'],
    ...['--state.max-dialogs', '3', '--state.max-registration-attempts', '4'],
    ...['--state.max-registrations', '6', '--state.max-bindings', '7', '--sip.retry-timeout', '8s'],
    ...['--sip.fork-timeout', '9s', '--state.session-limit', '10s', '--state.registration-limit', '11s'],
    ...['--capture.duplicate-window', '0s', '--metrics.window', '1m', '--sip.peer', 'a=192.0.2.1'],
    ...['--fragments.max-memory', '1MiB', '--fragments.max-per-datagram', '12', '--fragments.timeout', '13s'],
    '--no-fragments.checksum',
    ...['--sip.ports', '5070-5071', '--sip.detect', '--rtp.detect'],
    ...['--capture.tunnels', 'erspan, 6in4', '--capture.max-tunnel-depth', '2'],
    ...['--stream.max-connections', '12', '--stream.direction-buffer', '13KiB', '--stream.memory', '14MiB'],
    ...['--stream.idle-timeout', '15s', '--stream.connection-timeout', '16s', '--stream.gap-timeout', '17s'],
    ...['--sdp.max-media', '3', '--sdp.max-size', '2KiB', '--sdp.max-parts', '4'],
    ...['--websocket.max-head-size', '512', '--sctp.max-associations', '18', '--sctp.memory', '1MiB'],
    ...['--sctp.max-fragments', '19', '--sctp.fragment-timeout', '20s', '--rtcp.max-sources', '21'],
    '--no-rtp.g711-concealment',
    ...['--media.max-calls', '31', '--media.max-endpoints', '32', '--media.call-timeout', '33s'],
    ...['--media.late-after', '34s', '--media.false-answer-after', '35s', '--media.proof-window', '36s'],
    ...['--rtp.max-streams', '21', '--rtp.max-streams-per-flow', '22', '--rtp.idle-timeout', '23s'],
    ...['--rtp.interval', '24s', '--rtp.probation', '25'],
    ...['--labels.carrier', 'telco=192.0.2.0/24', '--abuse.session-limit', 'telco=41'],
    ...['--abuse.registration-scan', '42', '--abuse.invite-scan', '43', '--abuse.options-scan', '44'],
    ...['--abuse.password-failures', '45', '--abuse.scan-window', '46s', '--abuse.burst-attempts', '47'],
    ...['--abuse.burst-window', '48s', '--abuse.country-window', '49s', '--abuse.short-session', '50s'],
    ...['--abuse.scanner-agents', 'none', '--abuse.ipv6-prefix', '51', '--abuse.max-sources', '52'],
    ...['--abuse.max-accounts', '53', '--abuse.log'],
  );
  const { labels, ...others } = analysis;
  assert.deepEqual(labels?.carriers, ['telco']);
  assert.deepEqual(others, {
    fragments: { maxBytes: 2 ** 20, maxFragments: 12, timeoutMicros: 13e6, isVerifying: false },
    ports: [5070, 5071],
    detect: true,
    rtp: { detect: true },
    tunnels: { kinds: 0b1010, maxDepth: 2 },
    parser: { maxMessageBytes: 2048, maxHeaderBytes: 1024, maxHeaders: 50, maxVias: 5 },
    sdp: { maxMedia: 3, maxBytes: 2048, maxParts: 4 },
    streams: {
      maxConnections: 12,
      directionBytes: 13 * 1024,
      memoryBytes: 14 * 2 ** 20,
      idleMicros: 15e6,
      connectionMicros: 16e6,
      gapMicros: 17e6,
    },
    webSocket: { maxHeadBytes: 512 },
    sctp: { maxAssociations: 18, memoryBytes: 2 ** 20, maxFragments: 19, fragmentMicros: 20e6 },
    rtcp: { maxSources: 21 },
    concealsG711: false,
    rtpStreams: {
      maxStreams: 21,
      maxStreamsPerFlow: 22,
      idleMicros: 23e6,
      intervalMicros: 24e6,
      probation: 25,
      isDetecting: true,
      duplicateMicros: 0,
    },
    media: {
      maxCalls: 31,
      maxEndpoints: 32,
      callMicros: 33e6,
      lateMicros: 34e6,
      falseAnswerMicros: 35e6,
      proofMicros: 36e6,
    },
    state: {
      maxTransactions: 1,
      maxAttempts: 2,
      maxDialogs: 3,
      maxEarlyDialogs: 32,
      maxRegistrationAttempts: 4,
      maxRegistrations: 6,
      maxBindings: 7,
      retryMicros: 8e6,
      forkMicros: 9e6,
      sessionLimitMicros: 10e6,
      registrationLimitMicros: 11e6,
      duplicateMicros: 0,
    },
    peers: [{ name: 'a', address: [0, 0, 0xffff, 0xc0000201 | 0], port: 0 }],
    abuse: {
      scanThresholds: [42, 43, 44, 45],
      scanMicros: 46e6,
      burstAttempts: 47,
      burstMicros: 48e6,
      countryMicros: 49e6,
      shortSessionMillis: 50e3,
      ipv6PrefixBits: 51,
      maxSources: 52,
      maxAccounts: 53,
      sessionLimits: [{ carrier: 'telco', sessions: 41 }],
      isTelling: true,
    },
    windowMicros: 60e6,
  });
  for (const [option, wrong] of [
    ['--state.max-bindings', '101'],
    ['--state.max-bindings', '0'],
    ['--sip.max-message-size', '2MiB'],
    ['--sip.max-header-length', '1'],
    ['--sip.max-vias', '0'],
    ['--sdp.max-media', '0'],
    ['--sdp.max-size', '1'],
    ['--sip.fork-timeout', '0s'],
    ['--stream.max-connections', '0'],
    ['--stream.direction-buffer', '1KiB'],
    ['--stream.memory', '2GiB'],
    ['--stream.gap-timeout', '0s'],
    ['--websocket.max-head-size', '100'],
    ['--sctp.max-associations', '0'],
    ['--sctp.memory', '1KiB'],
    ['--sctp.max-fragments', '1'],
    ['--sctp.fragment-timeout', '0s'],
    ['--rtcp.max-sources', '0'],
    ['--media.max-calls', '0'],
    ['--media.late-after', '0s'],
    ['--capture.duplicate-window', '0'],
    ['--capture.max-tunnel-depth', '0'],
    ['--capture.max-tunnel-depth', '17'],
    ['--metrics.window', '0s'],
    ['--fragments.max-memory', '64KiB'],
    ['--fragments.max-per-datagram', '1'],
    ['--fragments.timeout', '0s'],
    ['--abuse.registration-scan', '257'],
    ['--abuse.scan-window', '999ms'],
    ['--abuse.burst-window', '2h'],
    ['--abuse.ipv6-prefix', '65'],
    ['--abuse.max-sources', '0'],
    ['--abuse.session-limit', 'telco'],
  ] as const) {
    assert.throws(
      () => config(option, wrong),
      sentence(new RegExp(`^${option.replaceAll('.', '\\.')} takes .*not "${wrong}"$`)),
      option,
    );
  }
});

test('tunnels: names, all or none', () => {
  const kinds = (text: string): number => config('--capture.tunnels', text).analysis.tunnels.kinds;
  assert.equal(kinds('all'), allTunnels.kinds);
  assert.equal(kinds('none'), 0);
  for (const [bit, name] of tunnelNames.entries()) assert.equal(kinds(name), 1 << bit);
  assert.deepEqual(
    Object.values(TunnelKind),
    tunnelNames.map((_, bit) => 1 << bit),
  );
  for (const wrong of ['', 'all,gre', 'l2tp', 'gre,']) {
    assert.throws(
      () => kinds(wrong),
      sentence(/^--capture\.tunnels takes all, none, or some of ipip,/),
      wrong,
    );
  }
});

test('replay: files, what to print, detection unless it is switched off', () => {
  const { files, format, isTrace, analysis } = parseReplayConfig(['a.pcap', '-', '--sip.ports', '1']);
  const { ports, detect } = analysis;
  assert.deepEqual(
    { files, format, isTrace, ports, detect },
    { files: ['a.pcap', '-'], format: 'text', isTrace: false, ports: [1], detect: true },
  );
  assert.equal(parseReplayConfig(['--no-sip.detect', 'a']).analysis.detect, false);
  assert.equal(parseReplayConfig(['--no-sip.detect', '--sip.detect', 'a']).analysis.detect, true);
  assert.equal(parseReplayConfig(['--trace', 'a']).format, 'none');
  assert.equal(parseReplayConfig(['--trace', '--format', 'json', 'a']).format, 'json');
  assert.equal(config('--no-rtp.capture', '--rtp.detect').analysis.rtp, undefined);
  assert.equal(parseReplayConfig(['--no-rtp.capture', 'a']).analysis.rtp, undefined);
  assert.equal(parseReplayConfig(['a']).analysis.rtp?.detect, true);
  assert.equal(parseReplayConfig(['--no-rtp.detect', 'a']).analysis.rtp?.detect, false);
  assert.equal(config('--sip.detect', '--no-sip.detect').analysis.detect, false);
  assert.throws(() => parseReplayConfig([]), sentence(/replay takes capture files/));
  assert.throws(() => parseReplayConfig(['-', '-']), sentence(/once only/));
  assert.throws(() => parseReplayConfig(['a', '--format', 'xml']), sentence(/--format takes .* not "xml"/));
  assert.throws(() => parseReplayConfig(['a', '-i', 'eth0']), sentence(/-i/));
  assert.throws(() => parseReplayConfig(['a', '--no-format']), sentence(/format/));
  const many = new Array<string>(1025).fill('a');
  assert.throws(() => parseReplayConfig(many), sentence(/at most 1024 files/));
});

test('TLS: with a key log its ports are taken, too, and its limits are told', () => {
  assert.equal(config('--tls.max-keys', '7').analysis.tls, undefined);
  assert.deepEqual(config('--tls.ports', '7443').analysis.ports, [5060]);
  const { analysis } = config(
    ...['--tls.keylog', 'a.log', '--tls.keylog', 'b.log', '--sip.ports', '5060,5062'],
    ...[
      '--tls.max-keys',
      '7',
      '--tls.max-connections',
      '8',
      '--tls.max-handshake',
      '9KiB',
      '--tls.key-wait',
      '2s',
    ],
  );
  assert.deepEqual(analysis.ports, [5060, 5061, 5062]);
  assert.deepEqual(analysis.tls, {
    keyLogFile: 'b.log',
    limits: { maxKeys: 7, maxConnections: 8, maxHandshakeBytes: 9216, keyWaitMicros: 2e6 },
  });
  assert.deepEqual(config('--tls.keylog', 'a.log').analysis.tls!.limits, defaultTlsLimits);
  const replayed = parseReplayConfig(['--tls.keylog', 'a.log', '--tls.ports', '443', 'a.pcap']);
  assert.deepEqual(replayed.analysis.ports, [443, 5060]);
  assert.equal(replayed.analysis.tls?.keyLogFile, 'a.log');
});

test('the help names every option and fits 100 columns', () => {
  for (const options of [runOptions, replayOptions]) {
    const lines = formatOptions(options).split('\n');
    for (const { name } of options) {
      const isNamed = lines.some((line) => line.includes(`--${name}`) || line.includes(`--[no-]${name}`));
      assert.ok(isNamed, name);
    }
    for (const line of lines) assert.ok(line.length <= 100, line);
  }
});

test('docs/configuration.md is what npm run docs writes', () => {
  const written = readFileSync(new URL('../../docs/configuration.md', import.meta.url), 'utf8');
  assert.equal(written, renderConfigurationDocument());
});

test('workers: 1 to 16, and memory for what they hand over', () => {
  assert.equal(config('--capture.workers', '16').workers, 16);
  for (const text of ['0', '17', '2.5', 'two']) {
    assert.throws(
      () => config('--capture.workers', text),
      sentence(/^--capture\.workers takes a whole number from 1 to 16/),
    );
  }
  assert.equal(config('--capture.handover-size', '1MiB').handoverBytes, 2 ** 20);
  assert.throws(
    () => config('--capture.handover-size', '1KiB'),
    sentence(/^--capture\.handover-size takes a size from 65536/),
  );
});

test('a limit of sessions is for a carrier that there is, and given once', () => {
  const limits = (...args: string[]): unknown =>
    config(
      '--labels.carrier-uri',
      'telco=sip:+49',
      ...args.flatMap((text) => ['--abuse.session-limit', text]),
    ).analysis.abuse.sessionLimits;
  assert.deepEqual(limits('telco=7'), [{ carrier: 'telco', sessions: 7 }]);
  assert.throws(() => limits('telco=0'), sentence(/whole number from 1/));
  assert.throws(() => limits('telko=7'), sentence(/"telko", which is no carrier of --labels\.carrier/));
  assert.throws(() => limits('telco=7', 'telco=8'), sentence(/names "telco" twice/));
});

test('scanners that are known, and others', () => {
  const matches = (option: string, agent: string): boolean => {
    const { scannerAgents } = config('--abuse.scanner-agents', option).analysis.abuse;
    return new GlobAutomaton(scannerAgents!).match(new TextEncoder().encode(agent), 0, agent.length) === 1;
  };
  assert.equal(matches('known', 'Friendly-Scanner'), true);
  assert.equal(matches('known, my*', 'mytool 1'), true);
  assert.equal(matches('known, my*', 'sipcli/v1.8'), true);
  assert.equal(matches('my*', 'sipcli/v1.8'), false);
  assert.equal(matches('known', 'Zoiper'), false);
  assert.equal(config('--abuse.scanner-agents', 'none').analysis.abuse.scannerAgents, undefined);
});
