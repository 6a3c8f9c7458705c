// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Codec, codecNames } from '../rtp/codec.ts';
import { staticClockRates, staticCodecs } from '../rtp/static-payload-types.ts';
import { codecOfName, findEncodingName } from './encoding-name.ts';

const codecOf = (name: string): string => {
  const bytes = new TextEncoder().encode(` ${name}X`);
  return codecNames[codecOfName(findEncodingName(bytes, 1, bytes.length - 1))]!;
};

test('every codec but video has a name, in any case', () => {
  const names: Record<string, string[]> = {
    pcmu: ['PCMU'],
    pcma: ['PCMA'],
    g722: ['G722'],
    g723: ['G723', 'G7231', 'G723.1'],
    g726: [
      'G726-16',
      'G726-24',
      'G726-32',
      'G726-40',
      'AAL2-G726-16',
      'AAL2-G726-24',
      'AAL2-G726-32',
      'AAL2-G726-40',
      'G721',
    ],
    g728: ['G728'],
    g729: ['G729', 'G729A', 'G729B', 'G729AB', 'G729D', 'G729E'],
    gsm: ['GSM'],
    gsm_efr: ['GSM-EFR'],
    ilbc: ['iLBC'],
    amr: ['AMR'],
    amr_wb: ['AMR-WB'],
    evs: ['EVS'],
    opus: ['opus'],
    speex: ['speex'],
    l16: ['L16'],
    telephone_event: ['telephone-event'],
    comfort_noise: ['CN'],
    red: ['red'],
    rtx: ['rtx'],
    other: [
      '',
      'C',
      'L8',
      'L24',
      'SILK',
      'G7221',
      'G7291',
      'AMR-WB+',
      'GSM-HR-08',
      'PCMX',
      'G726-33',
      'telephone-evenT2',
      'multiopus',
    ],
  };
  for (const [codec, spellings] of Object.entries(names)) {
    for (const name of spellings) {
      assert.equal(codecOf(name), codec, name);
      assert.equal(codecOf(name.toLowerCase()), codec, name);
      assert.equal(codecOf(name.toUpperCase()), codec, name);
    }
  }
  assert.deepEqual([...Object.keys(names), 'video'].sort(), [...codecNames].sort());
});

test('payload types of RFC 3551', () => {
  const said = [0, 1, 3, 8, 9, 13, 15, 18, 34, 96, 127].map(
    (type) => `${codecNames[staticCodecs[type]!]}/${staticClockRates[type]}`,
  );
  assert.deepEqual(said, [
    ...[
      'pcmu/8000',
      'other/8000',
      'gsm/8000',
      'pcma/8000',
      'g722/8000',
      'comfort_noise/8000',
      'g728/8000',
      'g729/8000',
    ],
    ...['video/90000', 'other/8000', 'other/8000'],
  ]);
  assert.equal(staticCodecs[96], Codec.other);
});
