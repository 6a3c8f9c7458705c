// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { describeRated, resultName } from '../../test/sdp-bodies/described.ts';
import { parseSessionDescription } from './parse-session-description.ts';
import { defaultSdpLimits } from './sdp-limits.ts';
import { SdpResult } from './sdp-result.ts';
import { SessionDescription } from './session-description.ts';

const description = new SessionDescription(3);

/** How the formats of each media line are rated. */
function rated(...lines: readonly string[]): string[] {
  const bytes = new TextEncoder().encode(['v=0', ...lines].join('\r\n'));
  const view = new DataView(bytes.buffer);
  const result = parseSessionDescription(bytes, view, 0, bytes.length, defaultSdpLimits, description);
  assert.equal(resultName(result), resultName(SdpResult.description));
  return describeRated(description);
}

/** The one format of a media line with these parameters. */
const ratedOne = (encoding: string, parameters: string): string =>
  rated('m=audio 9 RTP/AVP 97', `a=rtpmap:97 ${encoding}`, `a=fmtp:97 ${parameters}`)[0]!.slice(3);

test('codecs with parameters that change how they sound', () => {
  assert.equal(ratedOne('iLBC/8000', 'mode=20'), 'ilbc20');
  assert.equal(ratedOne('iLBC/8000', 'mode=30'), 'ilbc');
  assert.equal(ratedOne('iLBC/8000', 'mode=200'), 'ilbc');
  assert.equal(ratedOne('G723/8000', 'annexa=no;bitrate=5.3'), 'g723Low');
  assert.equal(ratedOne('G723/8000', 'bitrate=6.3;annexa=no'), 'g723');
  assert.equal(ratedOne('G729/8000', 'annexb=no'), 'g729WithoutVad');
  assert.equal(ratedOne('G729/8000', 'annexb=yes'), 'g729');
  assert.equal(ratedOne('AMR/8000', 'octet-align=1; mode-set=0,2,4,7'), 'amr mode 7');
  assert.equal(ratedOne('AMR/8000', 'mode-set=4,2,0'), 'amr mode 4');
  assert.equal(ratedOne('AMR-WB/16000', 'mode-set=0,1,2;mode-change-capability=2'), 'amr_wb mode 2');
  assert.equal(ratedOne('opus/48000/2', 'maxplaybackrate=8000;sprop-stereo=0'), 'opusNarrow');
  assert.equal(ratedOne('opus/48000/2', 'maxaveragebitrate=15999'), 'opusLow');
  assert.equal(ratedOne('opus/48000/2', 'maxaveragebitrate=16000;maxplaybackrate=16000'), 'opus');
});

test('parameters that do not, and such that nobody understands', () => {
  for (const [encoding, codec] of [
    ['AMR/8000', 'amr'],
    ['opus/48000', 'opus'],
    ['iLBC/8000', 'ilbc'],
    ['telephone-event/8000', 'telephone_event'],
    ['PCMU/8000', 'pcmu'],
  ] as const) {
    for (const parameters of [
      '0-15',
      'octet-align=1',
      'useinbandfec=1',
      'xmode-set=1;xmode=20;xmaxplaybackrate=8000',
      'mode-set',
      'mode-set=',
      'mode-set=99999999999,-1,x',
      'mode=;maxplaybackrate=;maxaveragebitrate=0',
      '=;;;=',
      '',
    ]) {
      assert.equal(ratedOne(encoding, parameters), codec, `${encoding} ${parameters}`);
    }
  }
});

test('parameters may stand before the rtpmap, and belong to a static payload type without one', () => {
  assert.deepEqual(
    rated('m=audio 9 RTP/AVP 97 18 4', 'a=fmtp:97 mode=20', 'a=rtpmap:97 iLBC/8000', 'a=fmtp:18 annexb=no'),
    ['97:ilbc20 18:g729WithoutVad 4:g723'],
  );
});

test('parameters are those of their media line and description', () => {
  const lines = ['m=audio 9 RTP/AVP 97', 'a=rtpmap:97 AMR/8000'];
  assert.deepEqual(
    rated('a=fmtp:97 mode-set=1', ...lines, 'a=fmtp:97 mode-set=2', ...lines, 'm=audio 9 RTP/AVP 97'),
    ['97:amr mode 2', '97:amr', '97:other'],
  );
  assert.deepEqual(rated(...lines), ['97:amr']);
});

test('32 parameters of a media line are kept, those beyond are counted', () => {
  const filler = Array.from({ length: 31 }, () => 'a=fmtp:97 octet-align=1');
  const line = ['m=audio 9 RTP/AVP 97', 'a=rtpmap:97 AMR/8000', ...filler];
  assert.deepEqual(rated(...line, 'a=fmtp:97 mode-set=2', ...line, 'a=fmtp:97 mode-set=2'), [
    '97:amr mode 2',
    '97:amr mode 2',
  ]);
  assert.equal(description.leftOut, 0);
  assert.deepEqual(rated(...line, 'a=fmtp:98 x=1', 'a=fmtp:97 x=1', 'a=fmtp:97 mode-set=2'), ['97:amr']);
  assert.equal(description.leftOut, 1);
});

test('RED is rated as what it carries, and repeats it', () => {
  const red = 'a=rtpmap:63 red/48000/2';
  const opus = ['a=rtpmap:111 opus/48000/2', 'a=fmtp:111 maxplaybackrate=8000'];
  const line = 'm=audio 9 UDP/TLS/RTP/SAVPF 63 111 0';
  assert.deepEqual(rated(line, 'a=fmtp:63 111/111', red, ...opus), [
    '63:opusNarrow red 111:opusNarrow 0:pcmu',
  ]);
  assert.deepEqual(rated(line, red, 'a=fmtp:63 0', ...opus), ['63:pcmu 111:opusNarrow 0:pcmu']);
  for (const none of ['', '/', '63/63', '5/5', 'x']) {
    assert.deepEqual(rated(line, red, `a=fmtp:63 ${none}`), ['63:red 111:other 0:pcmu'], none);
  }
});

test('rates of G.726 are told by the encoding name', () => {
  const names = ['G726-16', 'AAL2-G726-24', 'G726-32', 'g726-40', 'G721'];
  const told = names.map((name) => rated('m=audio 9 RTP/AVP 97', `a=rtpmap:97 ${name}/8000`)[0]!.slice(3));
  assert.deepEqual(told, ['g726At16', 'g726At24', 'g726', 'g726At40', 'g726']);
});

test('of video only retransmissions are told apart', () => {
  assert.deepEqual(
    rated('m=video 9 RTP/AVP 96 97 98', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96'),
    ['96:video 97:rtx 98:video'],
  );
});
