// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { Codec, codecNames } from '../codec.ts';
import { RATED_CODECS, Variant } from '../rated-codec.ts';
import { Band, hasQuality } from './codec-quality.ts';
import { effectiveImpairment, mosOf, narrowBandBase, wideBandBase } from './e-model.ts';
import { estimateQuality, QualityEstimate } from './estimate-quality.ts';

const near = (actual: number, expected: number, tolerance: number, what: string): void =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${what}: ${actual}, not ${expected}`);

test('with all default values R is 93.2 and MOS 4.41 (G.107 §7.7)', () => {
  // To more places as the reference implementations of the E-model print it.
  near(narrowBandBase(0), 93.206_207_723_3, 1e-9, 'R');
  near(mosOf(narrowBandBase(0)), 4.41, 0.001, 'MOS');
});

test('MOS of R is that of G.107 Annex B', () => {
  // Table B.1: the lower limits of user satisfaction.
  for (const [r, mos] of [
    [90, 4.34],
    [80, 4.03],
    [70, 3.6],
    [60, 3.1],
    [50, 2.58],
  ] as const) {
    near(mosOf(r), mos, 0.01, `MOS of R ${r}`);
  }
  assert.deepEqual([mosOf(-5), mosOf(0), mosOf(3), mosOf(100), mosOf(120)], [1, 1, 1, 4.5, 4.5]);
});

test('delay impairs as the linear form of Cole and Rosenbluth says where that holds', () => {
  // 0.024 d + 0.11 (d - 177.3) above 177.3 ms, fitted to G.107 with these default values.
  for (let delay = 0; delay <= 300; delay += 20) {
    const impairment = 0.024 * delay + 0.11 * Math.max(0, delay - 177.3);
    near(93.2 - narrowBandBase(delay), impairment, 1.5, `Id at ${delay} ms`);
  }
});

test('delay alone, Idd, is that of G.107 §7.4.3', () => {
  // X = log2(Ta / 100): 1 at 200 ms, 2 at 400 ms.
  const idd = (x: number): number => 25 * ((1 + x ** 6) ** (1 / 6) - 3 * (1 + (x / 3) ** 6) ** (1 / 6) + 2);
  near(129 - wideBandBase(100), 0, 0, 'Idd at 100 ms');
  near(129 - wideBandBase(200), idd(1), 1e-9, 'Idd at 200 ms');
  near(129 - wideBandBase(400), idd(2), 1e-9, 'Idd at 400 ms');
});

test('loss impairs codecs as the tables of G.113 Appendix I say', () => {
  // Ie with random loss, by measurement; the formula is fitted to it.
  const tables: readonly (readonly [string, number, number, readonly (readonly [number, number])[]])[] = [
    [
      'G.729A',
      11,
      19,
      [
        [0, 11],
        [1, 15],
        [2, 19],
        [3, 23],
        [4, 26],
      ],
    ],
    [
      'G.723.1',
      15,
      16.1,
      [
        [0, 15],
        [1, 19],
        [2, 24],
        [3, 27],
        [4, 32],
      ],
    ],
    [
      'G.711 with PLC',
      0,
      25.1,
      [
        [0, 0],
        [1, 5],
        [2, 7],
        [3, 10],
      ],
    ],
  ];
  for (const [name, ie, bpl, rows] of tables) {
    for (const [percent, expected] of rows) {
      near(effectiveImpairment(ie, bpl, percent / 100, 1), expected, 1.5, `${name} with ${percent} %`);
    }
  }
});

const into = new QualityEstimate();
const estimate = (codec: number, loss = 0, burst = 1, delay = 0): QualityEstimate => {
  assert.ok(estimateQuality(codec, loss, burst, delay, into));
  return { ...into };
};

test('codecs are rated by their impairment, on the scale of their band', () => {
  near(estimate(Codec.pcma).rFactor, 93.2, 0.01, 'G.711');
  near(estimate(Codec.g729).rFactor, 82.2, 0.01, 'G.729A');
  near(estimate(Codec.g723).rFactor, 78.2, 0.01, 'G.723.1');
  near(estimate(Codec.gsm).rFactor, 73.2, 0.01, 'GSM full rate');
  near(estimate(Codec.gsmEfr).rFactor, 88.2, 0.01, 'GSM EFR');
  assert.deepEqual(estimate(Codec.g722), { band: Band.wide, rFactor: 115, mos: mosOf(11_500 / 129) });
  near(estimate(Variant.bareG711, 0.02).rFactor, 93.2 - (95 * 2) / 6.3, 0.01, 'G.711 without PLC');
});

test('what is neither voice nor known has no quality', () => {
  into.mos = 9;
  for (const codec of [
    Codec.other,
    Codec.video,
    Codec.telephoneEvent,
    Codec.comfortNoise,
    Codec.red,
    Codec.l16,
  ]) {
    assert.equal(estimateQuality(codec, 0, 1, 0, into), false, codecNames[codec]!);
  }
  assert.equal(into.mos, 9);
});

test('more loss, longer runs and more delay are never better; everything stays in range', () => {
  const codecs = Array.from({ length: RATED_CODECS }, (_, codec) => codec).filter(hasQuality);
  const ratio = fc.double({ min: -0.5, max: 1.5, noNaN: true });
  const run = fc.double({ min: 0, max: 50, noNaN: true });
  // Below 20 ms of delay talker echo makes the model rise by a tenth.
  const delay = fc.double({ min: 20, max: 20_000, noNaN: true });
  const pair = <T>(one: fc.Arbitrary<T>): fc.Arbitrary<[T, T]> => fc.tuple(one, one);
  fc.assert(
    fc.property(
      fc.constantFrom(...codecs),
      pair(ratio),
      pair(run),
      pair(delay),
      (codec, losses, runs, delays) => {
        const low = (values: [number, number]): number => Math.min(...values);
        const high = (values: [number, number]): number => Math.max(...values);
        const better = estimate(codec, low(losses), low(runs), low(delays));
        const worse = estimate(codec, high(losses), high(runs), high(delays));
        assert.ok(worse.rFactor <= better.rFactor + 1e-9 && worse.mos <= better.mos + 1e-9);
        for (const { rFactor, mos } of [better, worse]) {
          assert.ok(rFactor >= 0 && rFactor <= 129 && mos >= 1 && mos <= 4.5);
        }
      },
    ),
  );
});
