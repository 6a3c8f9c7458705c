// SPDX-License-Identifier: Apache-2.0
// Real sockets on loopback; no privilege.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import test from 'node:test';
import { type Message, message } from '../replay/traffic.ts';
import { ascii, bytesOf } from '../support/udp-frame.ts';
import { chunk, encode, type HepFields, hep3, hepJsPacket, sipChunks } from './packets.ts';
import { openTcp, sendUdp, startReceiver } from './receiver.ts';

/** A message in a packet of now. */
const hep = (one: Message, fields: HepFields = {}): Uint8Array =>
  encode(message(one), { micros: Date.now() * 1000, ...fields });

const call = (name: string, fields: HepFields = {}): Uint8Array[] => [
  hep({ call: name, method: 'INVITE' }, fields),
  hep({ call: name, method: 'INVITE', code: 180 }, fields),
  hep({ call: name, method: 'INVITE', code: 200 }, fields),
  hep({ call: name, method: 'ACK', hasToTag: true }, fields),
];

test('a call by UDP and one by TCP, over IPv4 and IPv6, with names of agents', async () => {
  await using receiver = await startReceiver(
    ['udp:0', 'tcp:0', 'udp:[::1]:0'],
    ...['--hep.node', '7=proxy', '--hep.node', '8=quiet'],
  );
  const [udpPort, tcpPort, udp6Port] = receiver.ports;
  await sendUdp(udpPort!, call('a'));
  await sendUdp(udp6Port!, call('b', { isIpv6: true, nodeId: 9 }), '::1');
  const socket = await openTcp(tcpPort!);
  // Cut so that every packet is in two segments.
  const bytes = bytesOf(...call('c', { nodeId: 7 }));
  for (let i = 0; i < bytes.length; i += 250) socket.write(bytes.subarray(i, i + 250));
  await receiver.reaches(12, 'ringtap_hep_packets_total');
  assert.equal(receiver.total('ringtap_hep_packets_total', 'transport="tcp"'), 4);
  const labels = 'interface="hep",direction="unknown"';
  for (const [part, count] of [
    [`${labels},method="INVITE"`, 2],
    ['interface="hep:proxy",direction="unknown",method="ACK"', 1],
    ['interface="hep:quiet"', 0],
  ] as const) {
    assert.equal(receiver.total('sip_requests_total', part), count, part);
  }
  assert.equal(receiver.total('sip_dialogs', 'state="confirmed"'), 3);
  assert.equal(receiver.total('ringtap_hep_clock_corrections_total'), 0);
  assert.equal(receiver.total('ringtap_capture_packets_total'), 0);
  await receiver.reaches(1, 'ringtap_hep_connections');
  socket.end();
  await receiver.reaches(1, 'ringtap_hep_connections_closed_total', 'reason="peer"');
});

test('only who is allowed, and only with the key', async () => {
  await using receiver = await startReceiver(
    ['udp:0', 'tcp:0'],
    ...['--hep.allow', '127.0.0.2/31,::1', '--hep.auth-key', 'myHep'],
  );
  const [udpPort, tcpPort] = receiver.ports;
  // From 127.0.0.1, which is not in the list.
  await sendUdp(udpPort!, call('a', { key: 'myHep' }));
  await receiver.reaches(4, 'ringtap_hep_refused_total', 'reason="source"');
  const refused = await openTcp(tcpPort!);
  await once(refused, 'close');
  await receiver.reaches(5, 'ringtap_hep_refused_total', 'reason="source"');
  assert.equal(receiver.total('ringtap_hep_packets_total'), 0);

  const socket = createSocket('udp4').bind(0, '127.0.0.3');
  await once(socket, 'listening');
  const wrong = [
    ...call('b', { key: 'myHe' }),
    ...call('c'),
    Uint8Array.from([1, 16, 2, 17, ...new Array(40)]),
  ];
  for (const packet of [...wrong, ...call('d', { key: 'myHep' }), hepJsPacket]) {
    await new Promise((resolve) => socket.send(packet, udpPort!, '127.0.0.1', resolve));
  }
  socket.close();
  await receiver.reaches(9, 'ringtap_hep_refused_total', 'reason="key"');
  await receiver.reaches(3, 'sip_requests_total');
  assert.equal(receiver.total('ringtap_hep_packets_total'), 14);
});

test('clocks of agents that are wrong move nothing', async () => {
  await using receiver = await startReceiver(['udp:0']);
  const port = receiver.ports[0]!;
  const years = 10 * 365 * 86_400e6;
  await sendUdp(port, call('a'));
  await sendUdp(port, [
    hep({ call: 'b', method: 'INVITE' }, { micros: Date.now() * 1000 + years }),
    hep({ call: 'c', method: 'INVITE' }, { micros: 0 }),
    hep({ call: 'd', method: 'INVITE' }, { micros: 2 ** 32 * 1e6 - 1 }),
  ]);
  await sendUdp(port, [hep({ call: 'a', method: 'BYE', hasToTag: true, cseq: 2 })]);
  await sendUdp(port, [hep({ call: 'a', method: 'BYE', hasToTag: true, cseq: 2, code: 200 })]);
  await receiver.reaches(
    1,
    'sip_session_duration_seconds',
    '_count{interface="hep",direction="unknown",outcome="success"}',
  );
  assert.equal(receiver.total('ringtap_hep_clock_corrections_total'), 3);
  // Had time leapt, timer B would be over and the dialog forgotten.
  assert.equal(receiver.total('sip_transaction_timeouts_total'), 0);
  const seconds = receiver.total('sip_session_duration_seconds', '_sum{');
  assert.ok(seconds >= 0 && seconds < 60, `${seconds} s`);
});

test('what is wrong or not for us is counted by its reason, and nothing else happens', async () => {
  await using receiver = await startReceiver(['udp:0'], '--hep.max-packet-size', '2KiB');
  const chunks = sipChunks(ascii('no SIP at all'));
  await sendUdp(receiver.ports[0]!, [
    ascii('garbage'),
    new Uint8Array(0),
    hep3(Object.values(chunks), 3),
    hep3([chunk(1, [2, 2])]),
    hep3([chunk(11, [1])]),
    hep3([...Object.values(chunks), chunk(1, [77])]),
    encode(new Uint8Array(3000)),
    hep3([chunk(11, [100]), chunk(15, [1])]),
    hep3([chunk(11, [1]), chunk(16, [1])]),
    hep3(Object.values(chunks)),
  ]);
  await receiver.reaches(1, 'sip_parse_errors_total', 'reason="not_sip"');
  for (const [reason, count] of [
    ['not_hep', 2],
    ['bad_length', 1],
    ['bad_chunk', 1],
    ['missing_chunk', 1],
    ['bad_family', 1],
    ['too_long', 1],
  ] as const) {
    assert.equal(receiver.total('ringtap_hep_errors_total', `"${reason}"`), count, reason);
  }
  assert.equal(receiver.total('ringtap_hep_unread_total', 'log'), 1);
  assert.equal(receiver.total('ringtap_hep_skipped_total', 'compressed'), 1);
  assert.equal(receiver.total('ringtap_hep_packets_total'), 10);
});

test('connections that send garbage, half a packet, a byte now and then or nothing are closed', async () => {
  await using receiver = await startReceiver(
    ['tcp:0'],
    ...['--hep.packet-timeout', '1s', '--hep.idle-timeout', '3s'],
  );
  const port = receiver.ports[0]!;
  const garbage = await openTcp(port);
  garbage.write(bytesOf(...call('a'), ascii('GET / HTTP/1.1\r\n\r\n')));
  await once(garbage, 'close');
  await receiver.reaches(1, 'ringtap_hep_connections_closed_total', 'reason="not_hep"');
  assert.equal(receiver.total('ringtap_hep_errors_total', 'not_hep'), 1);
  assert.equal(receiver.total('sip_requests_total'), 2);

  // Whoever is first may be closed before the last is open.
  const ends: Promise<unknown>[] = [];
  const open = async (): Promise<Socket> => {
    const socket = await openTcp(port);
    ends.push(once(socket, 'close'));
    return socket;
  };
  const half = await open();
  half.write(hepJsPacket.subarray(0, 100));
  const slow = await open();
  let sent = 0;
  const trickle = setInterval(() => slow.write(hepJsPacket.subarray(sent, ++sent)), 100);
  await open();
  await Promise.all(ends);
  clearInterval(trickle);
  await receiver.reaches(2, 'ringtap_hep_connections_closed_total', 'reason="incomplete"');
  await receiver.reaches(1, 'ringtap_hep_connections_closed_total', 'reason="idle"');
});

test('connections beyond the limit are closed, those before go on', async () => {
  await using receiver = await startReceiver(['tcp:0'], '--hep.max-connections', '2');
  const port = receiver.ports[0]!;
  const first = await openTcp(port);
  const second = await openTcp(port);
  const third = await openTcp(port);
  await once(third, 'close');
  await receiver.reaches(1, 'ringtap_hep_refused_total', 'reason="connections"');
  for (const [name, socket] of Object.entries({ first, second })) socket.write(bytesOf(...call(name)));
  await receiver.reaches(4, 'sip_requests_total');
  first.destroy();
  second.resetAndDestroy();
  await receiver.reaches(2, 'ringtap_hep_connections_closed_total');
});

test('an address that is taken is told in a sentence, and nothing keeps running', async () => {
  await using receiver = await startReceiver(['tcp:0']);
  await assert.rejects(startReceiver(['udp:0', `tcp:${receiver.ports[0]}`]), {
    name: 'HepListenError',
    message: /^Cannot receive HEP on tcp:127\.0\.0\.1:\d+: another program listens there already/,
  });
});

test('whoever may send from elsewhere is warned of', async () => {
  const warning = 'warn whoever reaches the HEP address can send: --hep.allow says who may';
  for (const [args, isWarned] of [
    [['udp:0'], false],
    [['udp:0.0.0.0:0'], true],
  ] as const) {
    await using receiver = await startReceiver(args);
    assert.equal(receiver.log.includes(warning), isWarned);
  }
  await using allowed = await startReceiver(['udp:0.0.0.0:0'], '--hep.allow', '192.0.2.1');
  assert.ok(!allowed.log.includes(warning));
});
