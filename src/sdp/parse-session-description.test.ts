// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sdpBodies, sdpBytes } from '../../test/sdp-bodies/bodies.ts';
import { describe, resultName } from '../../test/sdp-bodies/described.ts';
import { Codec } from '../rtp/codec.ts';
import { parseSessionDescription } from './parse-session-description.ts';
import { defaultSdpLimits, type SdpLimits } from './sdp-limits.ts';
import { SdpResult, sdpResultNames } from './sdp-result.ts';
import { maxCandidates, maxFormats, SessionDescription } from './session-description.ts';

const description = new SessionDescription(4);

function parse(bytes: Uint8Array, limits: Partial<SdpLimits> = {}): SdpResult {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const all = { ...defaultSdpLimits, ...limits };
  return parseSessionDescription(bytes, view, 0, bytes.length, all, description);
}

/** The result and, of one that is read, all that was. */
function read(lines: readonly string[], limits: Partial<SdpLimits> = {}): string[] {
  const result = parse(sdpBytes(lines), limits);
  return result === SdpResult.description ? describe(description) : [resultName(result)];
}

for (const { name, lines, expected } of sdpBodies) {
  test(`as written by: ${name}`, () => assert.deepEqual(read(lines), expected));
}

test('lines may end in LF alone, with spaces before, without an end, and have empty lines before and between', () => {
  for (const { lines, expected } of sdpBodies) {
    for (const lineEnd of [
      '\n',
      ' \r\n',
      '\t\n',
      '\r\n\r\n',
      '\r\nx=\r\ngarbage\r\n=\r\n  a=inactive\r\nA=inactive\r\n',
    ]) {
      const bytes = sdpBytes([`\r\n \n${lines[0]}`, ...lines.slice(1)], lineEnd);
      assert.equal(parse(bytes), SdpResult.description);
      assert.deepEqual(describe(description), expected, JSON.stringify(lineEnd));
    }
    assert.equal(parse(sdpBytes(lines).subarray(0, -2)), SdpResult.description);
    assert.deepEqual(describe(description), expected);
  }
});

test('what does not begin with version 0 is none', () => {
  for (const [body, expected] of [
    ['', SdpResult.notSdp],
    ['\r\n', SdpResult.notSdp],
    ['v', SdpResult.notSdp],
    ['V=0', SdpResult.notSdp],
    ['o=- 1 1 IN IP4 x\r\nv=0\r\n', SdpResult.notSdp],
    ['<xml/>', SdpResult.notSdp],
    ['v=', SdpResult.unsupportedVersion],
    ['v=1\r\n', SdpResult.unsupportedVersion],
    ['v=00\r\n', SdpResult.unsupportedVersion],
    ['v=0x\r\n', SdpResult.unsupportedVersion],
    ['v=0', SdpResult.description],
    ['v=0 \n', SdpResult.description],
  ] as const) {
    assert.equal(parse(new TextEncoder().encode(body)), expected, JSON.stringify(body));
    assert.equal(description.mediaCount, 0);
  }
});

test('a media line that is none gives the description up', () => {
  for (const line of [
    'm=',
    'm=audio',
    'm=audio ',
    'm=audio x RTP/AVP 0',
    'm=audio -1 RTP/AVP 0',
    'm=audio 65536 RTP/AVP 0',
    'm=audio 99999999999 RTP/AVP 0',
    'm=audio 1x RTP/AVP 0',
    'm=audio 1',
    'm=audio 1/2',
    'm=49170 RTP/AVP 0',
  ]) {
    assert.deepEqual(
      read(['v=0', 'm=audio 9 RTP/AVP 0', line, 'm=audio 9 RTP/AVP 0']),
      ['badMediaLine'],
      line,
    );
    assert.equal(description.mediaCount, 0);
  }
});

test('beyond the limits: media lines, formats and candidates are left out and counted, a long body is not read', () => {
  const media = ['m=audio 1 RTP/AVP 8', 'm=audio 2 RTP/AVP 8', 'm=audio 3 RTP/AVP 8', 'a=inactive'];
  assert.deepEqual(read(['v=0', ...media], { maxMedia: 2 }), [
    'left out 1',
    'audio nowhere 1 sendrecv 8:pcma/8000',
    'audio nowhere 2 sendrecv 8:pcma/8000',
  ]);
  assert.equal(read(['v=0', ...media, ...media]).length, 1 + 4);
  assert.equal(description.leftOut, 2, 'no more media lines than there are objects for');

  const formats = Array.from({ length: maxFormats + 3 }, (_, i) => i + 90).join(' ');
  read(['v=0', `m=audio 1 RTP/AVP ${formats}`]);
  assert.equal(description.media[0]!.formatCount, maxFormats);
  assert.equal(description.leftOut, 3);

  const candidates = Array.from(
    { length: maxCandidates + 2 },
    (_, i) => `a=candidate:1 1 UDP 1 192.0.2.1 ${i + 1} typ host`,
  );
  read(['v=0', 'm=audio 1 RTP/AVP 8', ...candidates]);
  assert.equal(description.media[0]!.candidateCount, maxCandidates);
  assert.equal(description.leftOut, 2);

  const bytes = sdpBytes(['v=0', ...media]);
  assert.equal(parse(bytes, { maxBytes: bytes.length }), SdpResult.description);
  assert.equal(parse(bytes, { maxBytes: bytes.length - 1 }), SdpResult.tooLong);
});

test('nothing of the description before is left', () => {
  const empty = ['v=0', 'm=audio 1 RTP/AVP 99'];
  const expected = read(empty);
  for (const { lines } of sdpBodies) {
    read(lines);
    assert.deepEqual(read(empty), expected);
  }
});

test('transports: what is RTP by UDP, and how it is encrypted', () => {
  for (const [transport, expected] of [
    ['RTP/AVP', 'sendrecv 0:pcmu/8000'],
    ['rtp/avpf', 'sendrecv 0:pcmu/8000'],
    ['RTP/SAVPF', 'sendrecv 0:pcmu/8000 sdes'],
    ['UDP/TLS/RTP/SAVP', 'sendrecv 0:pcmu/8000 dtls'],
    ['UDP/TLS/UDPTL', 'sendrecv no-rtp dtls'],
    ['TCP/RTP/AVP', 'sendrecv no-rtp'],
    ['TCP/TLS/RTP/SAVP', 'sendrecv no-rtp'],
    ['RTP', 'sendrecv no-rtp'],
    ['RTPX/AVP', 'sendrecv no-rtp'],
    ['udp', 'sendrecv no-rtp'],
  ] as const) {
    assert.deepEqual(read(['v=0', `m=audio 1 ${transport} 0`]), [`audio nowhere 1 ${expected}`], transport);
  }
});

test('formats of RTP are payload types; what is none is passed over', () => {
  assert.deepEqual(read(['v=0', 'm=audio 1 RTP/AVP 0 128 x 8x -1 0099 1000 * 127  8\t18']), [
    'audio nowhere 1 sendrecv 0:pcmu/8000 127:other/8000 8:pcma/8000 18:g729/8000',
  ]);
});

test('attributes that are not what they look like', () => {
  const media = ['v=0', 'c=IN IP4 192.0.2.1', 'm=audio 10 RTP/AVP 8 96'];
  const plain = read(media);
  for (const line of [
    'a=rtpmap',
    'a=rtpmap:',
    'a=rtpmap:x PCMU/8000',
    'a=rtpmap:96',
    'a=rtpmap:96 ',
    'a=rtpmap:96 /16000',
    'a=rtpmapx:96 opus/48000',
    'a=rtcp',
    'a=rtcp:',
    'a=rtcp:0',
    'a=rtcp:65536',
    'a=rtcp:x',
    'a=rtcp-muxx',
    'a=rtcp-mux:',
    'a=rtcp-fb:96 nack',
    'a=ptime:',
    'a=ptime:0',
    'a=ptime:-20',
    'a=ptimes:20',
    'a=sendonl',
    'a=sendonly:',
    'a=sendrecvx',
    'a=inactive x',
    'a=crypto',
    'a=crypt:1',
    'a=fingerprint',
    'a=fingerprints:sha-1',
    'a=candidate:',
    'a=candidate:1',
    'a=candidate:1 0 UDP 1 192.0.2.1 9 typ host',
    'a=candidate:1 3 UDP 1 192.0.2.1 9 typ host',
    'a=candidate:1 1 TCP 1 192.0.2.1 9 typ host',
    'a=candidate:1 1 UDPX 1 192.0.2.1 9 typ host',
    'a=candidate:1 1 UDP 1 192.0.2 9 typ host',
    'a=candidate:1 1 UDP 1 example.local 9 typ host',
    'a=candidate:1 1 UDP 1 192.0.2.1 0 typ host',
    'a=candidate:1 1 UDP 1 192.0.2.1 65536 typ host',
    'a=candidate:1 1 UDP 1 192.0.2.1',
    'a=',
    'a=x',
    'b=inactive',
  ]) {
    assert.deepEqual(read([...media, line]), plain, line);
  }
});

test('attributes in any case, with spaces behind the colon', () => {
  const media = ['v=0', 'c=in ip4 192.0.2.1', 'm=AUDIO 10 rtp/avp 96'];
  const lines = [
    'A=x',
    'a=RTPMAP: 96 Amr-Wb/16000',
    'a=SendOnly',
    'a=RTCP-Mux',
    'a=Ptime: 20.5',
    'a=RTCP: 12 IN IP4 192.0.2.9',
  ];
  assert.deepEqual(read([...media, ...lines]), [
    'audio 192.0.2.1 10 sendonly 96:amr_wb/16000 rtcp 192.0.2.9 12 mux ptime 20',
  ]);
  assert.match(read([...media, 'a=rtcp-mux-only'])[0]!, / mux$/);
});

test('clock rates and packet times beyond reason', () => {
  const lines = [
    'v=0',
    'm=audio 10 RTP/AVP 96 97',
    'a=rtpmap:96 x/1000000',
    'a=rtpmap:97 x/1000001',
    'a=ptime:99999999999',
  ];
  assert.equal(read(lines)[0], 'audio nowhere 10 sendrecv 96:other/1000000 97:other/8000 ptime 65535');
});

test('an a=rtcp with a name or the null address means the address of the media', () => {
  for (const address of ['', ' IN IP4', ' IN IP4 rtcp.example.com', ' IN IP4 0.0.0.0', ' IN IP6 ::', ' IN']) {
    const lines = ['v=0', 'm=audio 10 RTP/AVP 0', `a=rtcp:20${address}`, 'c=IN IP4 192.0.2.1'];
    assert.deepEqual(read(lines), ['audio 192.0.2.1 10 sendrecv 0:pcmu/8000 rtcp 20'], address);
  }
});

test('c= of a media line stands instead of the session’s, though it be a name; of several the first', () => {
  for (const [line, expected] of [
    ['c=IN IP4 host.example.com', 'nowhere'],
    ['c=IN IP4 192.0.2.256', 'nowhere'],
    ['c=XX IP4 192.0.2.1', 'nowhere'],
    ['c=IN IP4', 'nowhere'],
    ['c=IN IP4 192.0.2.9/', '192.0.2.9'],
    ['c=IN  IP4\t192.0.2.9', '192.0.2.9'],
    ['c=IN IP6 192.0.2.9', '192.0.2.9'],
    ['c=IN IP4 2001:DB8::9', '2001:db8:0:0:0:0:0:9'],
    ['c=IN IP6 ::ffff:192.0.2.9', '192.0.2.9'],
  ] as const) {
    const lines = [
      'v=0',
      'c=IN IP4 192.0.2.1',
      'c=IN IP4 192.0.2.2',
      'm=audio 1 RTP/AVP 0',
      line,
      'c=IN IP4 192.0.2.3',
    ];
    assert.deepEqual(read(lines), [`audio ${expected} 1 sendrecv 0:pcmu/8000`], line);
  }
});

test('the null address is hold, but with ICE no address at all', () => {
  for (const address of ['IP4 0.0.0.0', 'IP6 ::']) {
    const lines = ['v=0', `c=IN ${address}`, 'm=audio 9 RTP/AVP 0'];
    assert.match(read(lines)[0]!, / hold$/);
    assert.equal(description.media[0]!.hasAddress, true);
    assert.deepEqual(read([...lines, 'a=ice-ufrag:x']), ['audio nowhere 9 sendrecv 0:pcmu/8000']);
    assert.deepEqual(read(['v=0', 'a=ice-ufrag:x', ...lines.slice(1)]), read([...lines, 'a=ice-ufrag:x']));
    assert.equal(description.media[0]!.isNullAddress, false);
  }
});

test('a second description is not read', () => {
  const lines = ['v=0', 'm=audio 1 RTP/AVP 0'];
  assert.deepEqual(read([...lines, ...lines]), read(lines));
});

test('the codec of a payload type', () => {
  read([
    'v=0',
    'm=audio 1 RTP/AVP 8 96',
    'a=rtpmap:96 opus/48000/2',
    'm=video 1 RTP/AVP 96',
    'a=rtpmap:96 PCMU/8000',
  ]);
  const [audio, video] = description.media;
  assert.deepEqual(
    [8, 96, 0, 97].map((type) => audio!.codecOf(type)),
    [Codec.pcma, Codec.opus, Codec.other, Codec.other],
  );
  assert.equal(video!.codecOf(96), Codec.video);
});

test('every result but none has a name for a label', () => {
  assert.equal(sdpResultNames.length, Object.keys(SdpResult).length - 1);
  assert.equal(SdpResult.description, 1);
});
