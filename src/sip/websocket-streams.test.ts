// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ascii, bytesOf } from '../../test/support/udp-frame.ts';
import { upgradeRequest, upgradeResponse, webSocketFrame } from '../../test/support/websocket.ts';
import { WebSocketListener } from '../../test/support/websocket-listener.ts';
import { Opcode } from '../decode/websocket-frame.ts';

const mask = [0x37, 0xfa, 0x21, 0x3d];
const invite = `INVITE sip:bob@example.com SIP/2.0\r\nX: ${'x'.repeat(200)}\r\n\r\n`;
const options = 'OPTIONS sip:bob@example.com SIP/2.0\r\n\r\n';
const text = (value: string, fields = {}): Uint8Array => webSocketFrame({ mask, ...fields }, ascii(value));
const ping = webSocketFrame({ mask, opcode: Opcode.ping }, ascii('are you there'));
const pong = webSocketFrame({ opcode: Opcode.pong }, new Uint8Array(0));

/** The same in one piece, in two pieces cut anywhere, and byte by byte. */
function assertEvents(bytes: Uint8Array, expected: readonly string[]): void {
  const listen = (...pieces: Uint8Array[]): readonly string[] => {
    const listener = new WebSocketListener(1000, 500);
    for (const piece of pieces) listener.take(piece);
    listener.settle();
    return listener.events;
  };
  assert.deepEqual(listen(bytes), expected);
  for (let cut = 0; cut <= bytes.length; cut++) {
    assert.deepEqual(listen(bytes.subarray(0, cut), bytes.subarray(cut)), expected, `cut at ${cut}`);
  }
  assert.deepEqual(listen(...Array.from(bytes, (byte) => Uint8Array.of(byte))), expected, 'byte by byte');
}

test('client and server: the upgrade, then a message for each frame', () => {
  assertEvents(bytesOf(upgradeRequest, text(options), text(invite)), [options, invite]);
  const server = [
    upgradeResponse,
    text('SIP/2.0 200 OK\r\n\r\n', { mask: undefined, opcode: Opcode.binary }),
  ];
  assertEvents(bytesOf(...server), ['SIP/2.0 200 OK\r\n\r\n']);
});

test('a message in fragments with control frames between them', () => {
  const fragments = [
    text(invite.slice(0, 7), { isFinal: false }),
    ping,
    text('', { isFinal: false, opcode: Opcode.continuation }),
    text(invite.slice(7, 90), { isFinal: false, opcode: Opcode.continuation, mask: [9, 8, 7, 6] }),
    pong,
    text(invite.slice(90), { opcode: Opcode.continuation, mask: undefined }),
    text(options),
  ];
  assertEvents(bytesOf(upgradeRequest, ...fragments), ['<ping>', '<pong>', invite, options]);
});

test('CRLF, nothing, and close', () => {
  const close = webSocketFrame({ mask, opcode: Opcode.close }, Uint8Array.of(3, 232));
  assertEvents(bytesOf(upgradeRequest, text('\r\n\r\n'), text(''), close), ['\r\n\r\n', '']);
});

test('every length of the length field', () => {
  for (const lengthBytes of [0, 2, 8]) {
    assertEvents(bytesOf(upgradeRequest, text(options, { lengthBytes }), text(options)), [options, options]);
  }
});

test('a compressed message is passed over, its fragments too', () => {
  const compressed = [
    text('abc', { reserved: 4 }),
    text('abc', { reserved: 4, isFinal: false }),
    ping,
    text('def', { isFinal: false, opcode: Opcode.continuation }),
    text('ghi', { opcode: Opcode.continuation }),
  ];
  const expected = ['<compressed>', '<compressed>', '<ping>', options];
  assertEvents(bytesOf(upgradeRequest, ...compressed, text(options)), expected);
});

test('a message beyond the limit is passed over, in one frame or in many', () => {
  const large = 'x'.repeat(501);
  const inFragments = [
    text(large.slice(0, 400), { isFinal: false }),
    text(large.slice(400), { isFinal: false, opcode: Opcode.continuation }),
    text('more', { opcode: Opcode.continuation }),
  ];
  const huge = webSocketFrame({ lengthBytes: 8 }, new Uint8Array(70_000));
  const expected = ['<message_too_large>', options];
  assertEvents(bytesOf(upgradeRequest, text(large), text(options)), expected);
  assertEvents(bytesOf(upgradeRequest, ...inFragments, text(options)), expected);
  const listener = new WebSocketListener(1000, 500);
  listener.take(bytesOf(upgradeRequest, huge.subarray(0, 20)));
  for (let p = 20; p < huge.length; p += 1000) listener.take(huge.subarray(p, p + 1000));
  listener.take(text(options));
  assert.deepEqual(listener.events, expected);
  assert.ok(listener.mostWaiting < 20);
  assertEvents(bytesOf(upgradeRequest, text('x'.repeat(500))), ['x'.repeat(500)]);
});

test('what is no frame ends the reading until a frame with SIP begins a segment', () => {
  const bad: Uint8Array[] = [
    Uint8Array.of(0x83, 0),
    text('continues nothing', { opcode: Opcode.continuation }),
    bytesOf(text('SIP', { isFinal: false }), text('again')),
    ascii('get / HTTP/1.1\r\n'),
  ];
  for (const [i, bytes] of bad.entries()) {
    const listener = new WebSocketListener(1000, 500);
    listener.take(bytesOf(upgradeRequest, bytes));
    listener.take(text('nothing of SIP'));
    listener.take(ping);
    listener.take(bytesOf(text(options), ping));
    assert.deepEqual(listener.events, ['<bad_frame>', options, '<ping>'], `${i}`);
  }
});

test('a gap: what is under way is lost', () => {
  const listener = new WebSocketListener(1000, 500);
  listener.take(bytesOf(upgradeRequest, text(options), text(invite.slice(0, 50), { isFinal: false })));
  listener.gap();
  listener.take(text(invite.slice(90), { opcode: Opcode.continuation }));
  listener.take(text(invite));
  assert.deepEqual(listener.events, [options, invite]);
});

test('in the middle of a connection a frame is known by the SIP in it', () => {
  const listener = new WebSocketListener(1000, 500);
  const frames = [
    text('', { isFinal: true, opcode: Opcode.continuation }),
    ping,
    text('\r\n\r\n'),
    text(options),
    ping,
  ];
  for (const frame of frames) listener.take(frame);
  for (const byte of text(invite)) listener.take(Uint8Array.of(byte));
  assert.deepEqual(listener.events, [options, '<ping>', invite]);
});

test('HTTP that does not become SIP over WebSocket is not read', () => {
  const changed = (head: Uint8Array, from: string | RegExp, to: string): Uint8Array =>
    ascii(new TextDecoder().decode(head).replace(from, to));
  const notUpgraded: Record<string, Uint8Array> = {
    'a plain request': ascii('GET / HTTP/1.1\r\nHost: a\r\n\r\n'),
    'another protocol': changed(upgradeRequest, 'Protocol: sip', 'Protocol: msrp, sipx, xsip'),
    'no protocol': changed(upgradeRequest, /Sec-WebSocket-Protocol.*\r\n/, ''),
    'another upgrade': changed(upgradeRequest, 'Upgrade: websocket', 'Upgrade: h2c'),
    refused: changed(upgradeResponse, '101 Switching Protocols', '403 Forbidden'),
    'chosen otherwise': changed(upgradeResponse, 'Protocol: sip', 'Protocol: msrp'),
    'the name in the value': changed(upgradeRequest, 'Upgrade: websocket', 'X: Upgrade: websocket'),
  };
  for (const [name, head] of Object.entries(notUpgraded)) {
    const listener = new WebSocketListener(1000, 500);
    listener.take(bytesOf(head, text(options)));
    listener.take(text(options));
    listener.gap();
    listener.take(text(options));
    assert.deepEqual(listener.events, ['<not_upgraded>'], name);
  }
  const upgraded: Record<string, Uint8Array> = {
    'lower case': ascii(new TextDecoder().decode(upgradeRequest).toLowerCase().replace('get', 'GET')),
    'one of many': changed(upgradeRequest, 'Protocol: sip', 'Protocol:msrp ,SIP\t, x'),
    'in another line': changed(
      upgradeRequest,
      'Protocol: sip',
      'Protocol: msrp\r\nSec-WebSocket-Protocol: sip',
    ),
    'LF only': changed(upgradeResponse, /\r/g, ''),
    'no protocol chosen': changed(upgradeResponse, /Sec-WebSocket-Protocol.*\r\n/, ''),
  };
  for (const head of Object.values(upgraded)) assertEvents(bytesOf(head, text(options)), [options]);
});

test('a handshake that is refused may be tried again on the same connection', () => {
  assertEvents(bytesOf(upgradeRequest, upgradeRequest, text(options)), [options]);
  const server = new WebSocketListener(1000, 500);
  server.take(ascii('HTTP/1.1 401 Unauthorized\r\nContent-Length: 3\r\n\r\n:-('));
  server.take(upgradeResponse);
  server.take(text('SIP/2.0 200 OK\r\n\r\n', { mask: undefined }));
  assert.deepEqual(server.events, ['<not_upgraded>', 'SIP/2.0 200 OK\r\n\r\n']);
});

test('a head beyond the limit is not waited for', () => {
  const head = bytesOf(ascii('GET / HTTP/1.1\r\n'), ascii(`X: ${'x'.repeat(990)}`), ascii('\r\n\r\n'));
  assertEvents(bytesOf(head, text(options)), ['<head_too_long>']);
});
