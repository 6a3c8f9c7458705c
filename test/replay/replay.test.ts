// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { captureVariants } from '../support/capture-variants.ts';
import { pcapBytes, pcapngBytes } from '../support/pcap-formats.ts';
import { CaptureFolder } from '../support/read-capture.ts';
import {
  ascii,
  ethernet,
  fragmentHeader,
  ipv4,
  ipv6,
  linuxCooked,
  linuxCooked2,
  loopback,
} from '../support/udp-frame.ts';
import { replayHere, valuesOf } from './replay.ts';
import { datagram, message, START_MICROS, traffic } from './traffic.ts';

const RAW = 101;
const ETHERNET = 1;
const behindEthernet = traffic().map((record) => ({ ...record, bytes: ethernet(0x0800, record.bytes) }));

/** Lines of the exposition that say something of SIP. */
const sipValues = (text: string): string[] => valuesOf(text).filter((line) => line.startsWith('sip_'));

test('the same packets give the same bytes, in whatever file they are', async () => {
  using folder = new CaptureFolder();
  let expected = '';
  for (const [name, bytes] of captureVariants(ETHERNET, behindEthernet)) {
    const path = folder.write(name, bytes);
    for (const format of ['text', 'openmetrics', 'json']) {
      const { stdout, warnings, exitCode } = await replayHere(path, '--format', format);
      if (format === 'text') {
        expected ||= stdout;
        assert.ok(stdout === expected, `${name} differs`);
      }
      assert.deepEqual([warnings, exitCode], [[], 0], name);
      assert.ok(stdout === (await replayHere(path, '--format', format)).stdout, `${name}: ${format} twice`);
    }
  }
  const values = sipValues(expected).filter((line) => !/_(bucket|sum|count)\{/.test(line));
  assert.deepEqual(values, [
    'sip_requests_total{interface="file",direction="unknown",method="ACK"} 3',
    'sip_requests_total{interface="file",direction="unknown",method="BYE"} 2',
    'sip_requests_total{interface="file",direction="unknown",method="INVITE"} 6',
    'sip_requests_total{interface="file",direction="unknown",method="OPTIONS"} 1',
    'sip_requests_total{interface="file",direction="unknown",method="REGISTER"} 1',
    'sip_responses_total{interface="file",direction="unknown",method="BYE",code="200"} 2',
    'sip_responses_total{interface="file",direction="unknown",method="INVITE",code="100"} 2',
    'sip_responses_total{interface="file",direction="unknown",method="INVITE",code="180"} 2',
    'sip_responses_total{interface="file",direction="unknown",method="INVITE",code="200"} 2',
    'sip_responses_total{interface="file",direction="unknown",method="INVITE",code="486"} 1',
    'sip_responses_total{interface="file",direction="unknown",method="REGISTER",code="200"} 1',
    'sip_transport_messages_total{interface="file",direction="unknown",transport="udp"} 23',
    'sip_retransmissions_total{interface="file",direction="unknown",method="INVITE",kind="request"} 2',
    'sip_transaction_timeouts_total{interface="file",direction="unknown",method="INVITE"} 1',
    'sip_transaction_timeouts_total{interface="file",direction="unknown",method="OPTIONS"} 1',
    'sip_keepalives_total{interface="file",direction="unknown",type="crlf"} 1',
    'sip_parse_errors_total{interface="file",direction="unknown",layer="sip",reason="not_sip"} 1',
    'sip_session_attempts_total{interface="file",direction="unknown"} 4',
    'sip_session_attempt_results_total{interface="file",direction="unknown",result="answered"} 2',
    'sip_session_attempt_results_total{interface="file",direction="unknown",result="busy"} 1',
    'sip_session_attempt_results_total{interface="file",direction="unknown",result="timeout"} 1',
    'sip_session_attempt_codes_total{interface="file",direction="unknown",code="200"} 2',
    'sip_session_attempt_codes_total{interface="file",direction="unknown",code="486"} 1',
    'sip_session_attempt_codes_total{interface="file",direction="unknown",code="timeout"} 1',
    'sip_invite_requests_by_final_code_total{interface="file",direction="unknown",code="200"} 2',
    'sip_invite_requests_by_final_code_total{interface="file",direction="unknown",code="486"} 1',
    'sip_invite_requests_by_final_code_total{interface="file",direction="unknown",code="timeout"} 1',
    'sip_sessions_ended_total{interface="file",direction="unknown",reason="bye"} 2',
    'sip_reason_total{interface="file",direction="unknown",protocol="Q.850",cause="16"} 2',
    'sip_registration_attempts_total{interface="file",direction="unknown"} 1',
    'sip_registration_results_total{interface="file",direction="unknown",result="succeeded",code="200"} 1',
    'sip_registrations{interface="file",direction="unknown"} 1',
    'sip_session_establishment_ratio{window="5m"} 0.5',
    'sip_session_establishment_effectiveness_ratio{window="5m"} 0.75',
    'sip_ineffective_session_attempts_ratio{window="5m"} 0.25',
    'sip_session_completion_ratio{window="5m"} 0.5',
    'sip_answer_seizure_ratio{window="5m"} 0.5',
    'sip_network_effectiveness_ratio{window="5m"} 0.75',
  ]);
  assert.doesNotMatch(expected, /^(process_|nodejs_|ringtap_build_info|ringtap_worker)/m);
});

test('the same packets behind every link header give the same figures', async () => {
  using folder = new CaptureFolder();
  const headers: readonly (readonly [number, (packet: Uint8Array) => Uint8Array])[] = [
    [ETHERNET, (packet) => ethernet(0x0800, packet)],
    [RAW, (packet) => packet],
    [12, (packet) => packet],
    [228, (packet) => packet],
    [0, (packet) => loopback(2, true, packet)],
    [108, (packet) => loopback(2, false, packet)],
    [113, (packet) => linuxCooked(0x0800, packet)],
    [276, (packet) => linuxCooked2(0x0800, packet)],
  ];
  let expected: string[] = [];
  for (const [linktype, wrap] of headers) {
    const records = traffic().map((record) => ({ ...record, bytes: wrap(record.bytes) }));
    const { stdout } = await replayHere(folder.write(`${linktype}`, pcapBytes({ linktype }, records)));
    // Only a cooked header tells the way of a packet; those of udp-frame.ts came in.
    const isCooked = linktype === 113 || linktype === 276;
    const values = sipValues(
      stdout.replaceAll(`direction="${isCooked ? 'inbound' : 'unknown'}"`, 'direction=""'),
    );
    if (linktype === ETHERNET) expected = values;
    assert.deepEqual(values, expected, `${linktype}`);
  }
});

test('several files are one traffic', async () => {
  using folder = new CaptureFolder();
  const whole = folder.write('whole', pcapBytes({ linktype: ETHERNET }, behindEthernet));
  // One direction a file, as two taps write it: without merging, no call would be answered.
  const isForward = (bytes: Uint8Array): boolean => bytes[14 + 12] === 192;
  const part = (name: string, wanted: boolean): string =>
    folder.write(
      name,
      pcapBytes(
        { linktype: ETHERNET },
        behindEthernet.filter(({ bytes }) => isForward(bytes) === wanted),
      ),
    );
  const parts = [part('there', true), part('back', false)];
  const expected = (await replayHere(whole)).stdout;
  assert.ok((await replayHere(...parts)).stdout === expected);
  assert.ok((await replayHere(...parts.toReversed())).stdout === expected);
});

test('what is taken is what a live capture takes: ports, fragments, SIP on any port', async () => {
  using folder = new CaptureFolder();
  const tcp = ascii('\x13\xc4\x00\x09\0\0\0\0\0\0\0\0\x50\0\0\0\0\0\0\0');
  const elsewhere = { source: 40000, destination: 40002 };
  const invite = message({ call: 'a', method: 'INVITE' });
  const records = [
    datagram(0, true, invite),
    datagram(1, true, message({ call: 'b', method: 'INVITE' }), elsewhere),
    datagram(2, true, ascii('RTP or whatever'), elsewhere),
    { micros: START_MICROS + 3e6, bytes: ipv4({ flagsAndOffset: 0x2000 }, invite) },
    { micros: START_MICROS + 3e6, bytes: ipv6({ nextHeader: 44 }, fragmentHeader(17, 1, invite)) },
    { micros: START_MICROS + 4e6, bytes: ipv4({ protocol: 6 }, tcp) },
    { micros: START_MICROS + 4e6, bytes: ipv4({ protocol: 6 }, tcp.with(0, 0)) },
    { micros: START_MICROS + 5e6, bytes: ipv4({ protocol: 1 }, [8, 0, 0, 0]) },
  ];
  const path = folder.write('file', pcapBytes({ linktype: RAW }, records));
  const counts = async (...args: string[]): Promise<Record<string, number>> => {
    const { stdout } = await replayHere(path, ...args);
    const count = (pattern: RegExp): number =>
      valuesOf(stdout)
        .filter((line) => pattern.test(line))
        .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
    return {
      packets: count(/^ringtap_capture_packets/),
      requests: count(/^sip_requests/),
      errors: count(/^sip_parse_errors/),
      fragments: count(/^ringtap_fragments_total/),
      tcp: count(/^ringtap_stream_segments/),
    };
  };
  assert.deepEqual(await counts(), { packets: 5, requests: 2, errors: 0, fragments: 2, tcp: 1 });
  assert.deepEqual(await counts('--no-sip.detect'), {
    packets: 4,
    requests: 1,
    errors: 0,
    fragments: 2,
    tcp: 1,
  });
  assert.deepEqual(await counts('--no-sip.detect', '--sip.ports', '40002'), {
    packets: 4,
    requests: 1,
    errors: 1,
    fragments: 2,
    tcp: 0,
  });
});

test('packets that are not taken let time pass', async () => {
  using folder = new CaptureFolder();
  const arp = { micros: START_MICROS + 100e6, bytes: ethernet(0x0806, new Uint8Array(28)) };
  const options = datagram(0, true, message({ call: 'o', method: 'OPTIONS' }));
  const records = [{ ...options, bytes: ethernet(0x0800, options.bytes) }];
  const timeouts = async (...more: (typeof arp)[]): Promise<number> => {
    const path = folder.write('file', pcapBytes({ linktype: ETHERNET }, [...records, ...more]));
    const { stdout } = await replayHere(path);
    return valuesOf(stdout).filter((line) => line.startsWith('sip_transaction_timeouts_total')).length;
  };
  assert.equal(await timeouts(), 0);
  assert.equal(await timeouts(arp), 1);
});

test('at the end a held failure gets its result and open calls stay open', async () => {
  using folder = new CaptureFolder();
  const records = [
    datagram(0, true, message({ call: 'busy', method: 'INVITE' })),
    datagram(1, false, message({ call: 'busy', method: 'INVITE', code: 486 })),
    datagram(1, true, message({ call: 'open', method: 'INVITE' })),
    datagram(2, false, message({ call: 'open', method: 'INVITE', code: 200 })),
    datagram(2.5, true, message({ call: 'ringing', method: 'INVITE' })),
  ];
  const { stdout } = await replayHere(folder.write('file', pcapBytes({ linktype: RAW }, records)));
  const lines = valuesOf(stdout);
  const label = 'interface="file",direction="unknown"';
  assert.ok(lines.includes(`sip_session_attempt_results_total{${label},result="busy"} 1`));
  assert.ok(lines.includes(`sip_session_attempt_results_total{${label},result="answered"} 1`));
  assert.ok(lines.includes(`sip_dialogs{${label},state="confirmed"} 1`));
  assert.ok(lines.includes(`sip_session_attempts_total{${label}} 3`));
  assert.equal(lines.filter((line) => line.startsWith('sip_session_attempt_results_total')).length, 2);
});

test('interface labels are the names in the file, 256 at most', async () => {
  using folder = new CaptureFolder();
  const interfaces = Array.from({ length: 300 }, (_, i) => ({
    linktype: RAW,
    name: i === 0 ? 'a"b\\\n' : `eth${i}`,
  }));
  const packets = interfaces.map((_, i) => ({
    ...datagram(i, true, message({ call: `c${i}`, method: 'OPTIONS' })),
    interfaceId: i,
  }));
  const args = ['--metrics.max-series', '1000000', '--metrics.max-series-per-family', '1000000'];
  const { stdout } = await replayHere(folder.write('file', pcapngBytes({ interfaces, packets })), ...args);
  const lines = valuesOf(stdout).filter((line) => line.startsWith('ringtap_capture_packets_total'));
  assert.equal(lines.length, 257);
  assert.equal(lines[0], 'ringtap_capture_packets_total{interface="a\\"b\\\\"} 1');
  assert.ok(lines.includes('ringtap_capture_packets_total{interface="other"} 44'));
});

test('a trace tells what becomes of each packet', async () => {
  using folder = new CaptureFolder();
  const path = folder.write('calls.pcap', pcapBytes({ linktype: RAW }, traffic()));
  const { stdout } = await replayHere('--trace', path);
  const expected = join(import.meta.dirname, 'trace.txt');
  // Updated by: node test/replay/update-trace.ts; read the difference.
  assert.equal(stdout, readFileSync(expected, 'utf8'));

  const both = await replayHere('--trace', '--format', 'text', path);
  assert.ok(both.stdout === stdout + (await replayHere(path)).stdout);

  // Every record that begins also ends, or is open at the end.
  const names = (event: string): string[] =>
    stdout
      .split('\n')
      .filter((line) => line.includes(` ${event} `))
      .map((line) => /(?:attempt|registration)=([0-9a-f]{8})/.exec(line)![1]!)
      .sort();
  assert.equal(names('attempt_begun').length, 4);
  assert.deepEqual(names('attempt_ended'), names('attempt_begun'));
  assert.deepEqual(names('registration_ended'), names('registration_begun'));
});

test('a trace names peers and tells copies of a frame', async () => {
  using folder = new CaptureFolder();
  const options = datagram(0, true, message({ call: 'o', method: 'OPTIONS' }));
  const records = [
    options,
    { ...options, micros: START_MICROS + 1000 },
    datagram(0.1, false, message({ call: 'o', method: 'OPTIONS', code: 200 })),
    datagram(1, true, message({ call: 'p', method: 'OPTIONS' })),
    datagram(50, true, ascii('\r\n')),
  ];
  const path = folder.write('file', pcapBytes({ linktype: RAW }, records));
  const { stdout } = await replayHere('--trace', '--sip.peer', 'proxy=198.51.100.2:5060', path);
  const events = stdout.split('\n').map((line) => line.replace(/^(\d+) \S+ (\w+).*?( peer=.*)?$/, '$1 $2$3'));
  assert.deepEqual(events, [
    '1 request',
    '2 capture_duplicate',
    '3 response',
    '3 delay',
    '3 peer_checked peer=proxy up=true round_trip_seconds=0.100000',
    '4 request',
    '5 transaction_timeout',
    '5 peer_checked peer=proxy up=false',
    '5 keepalive',
    '',
  ]);
});

test('a trace of several files names them', async () => {
  using folder = new CaptureFolder();
  const [first, second] = [traffic().slice(0, 2), traffic().slice(2, 4)];
  const paths = [
    folder.write('plain.pcap', pcapBytes({ linktype: RAW }, first)),
    folder.write('with space\n.pcap', pcapBytes({ linktype: RAW }, second)),
  ];
  const { stdout } = await replayHere('--trace', ...paths);
  const places = stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.slice(folder.path.length).replace(/ 2023.*/, ''));
  assert.deepEqual(
    [...new Set(places)],
    [
      '/plain.pcap:1',
      '/plain.pcap:2',
      `${JSON.stringify(`${folder.path}/with space\n.pcap`).slice(folder.path.length)}:1`,
      `${JSON.stringify(`${folder.path}/with space\n.pcap`).slice(folder.path.length)}:2`,
    ],
  );
});

test('a trace shows nothing of the wire that could harm a terminal or another line', async () => {
  using folder = new CaptureFolder();
  const nasty = ascii(
    'X"\\Y sip:\x1b[31m\x9b\xffbob SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bKx\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:b@c>\r\n' +
      `Call-ID: a\tb\x07"${'c'.repeat(500)}\r\nCSeq: 1 X"\\Y\r\nContent-Length: 0\r\n\r\n`,
  );
  const path = folder.write('file', pcapBytes({ linktype: RAW }, [datagram(0, true, nasty)]));
  const { stdout } = await replayHere('--trace', path);
  for (const line of stdout.split('\n')) {
    assert.match(line, /^[ -~]*$/);
    assert.ok(line.length < 1000);
  }
});
