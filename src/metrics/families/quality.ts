// SPDX-License-Identifier: Apache-2.0
import { bandNames } from '../../rtp/quality/codec-quality.ts';
import { type FamilyDefinition, type LabelDefinition, Space } from '../definition.ts';
import { mosFamily, rFactorFamily } from './media-labels.ts';

/** Why no quality was told of an interval, by `WithoutQuality`. */
export const withoutQualityNames: readonly string[] = ['sensor_loss', 'no_codec', 'encrypted', 'silent'];

const band: LabelDefinition = { name: 'band', values: bandNames };

/** What the E-model says of streams, interval by interval. */
export const qualityFamilies: readonly FamilyDefinition[] = [
  rFactorFamily(
    'rtp_interval_r_factor',
    'R factor of streams, by intervals of 10 s, as the E-model estimates it from codec, loss, discards, bursts and delay; up to 93 in the narrow band, 129 in the wide. See docs/media-quality.md.',
    'ITU-T G.107, G.107.1',
    [band],
  ),
  mosFamily(
    'rtp_interval_mos',
    'MOS-CQE of that R, 1 to 4.5, each band on its own scale.',
    'ITU-T G.107 Annex B, G.107.1 Annex A',
    [band],
  ),
  {
    name: 'rtp_intervals_without_quality_total',
    type: 'counter',
    help: 'Intervals of voice streams of which no quality is told: ringtap itself lost packets, there are no values for the codec, the codec of an encrypted stream is not known, or there was no voice in it. Video is not counted.',
    space: Space.traffic,
    labels: [{ name: 'reason', values: withoutQualityNames }],
    source: '',
    example: 'sum by (reason) (rate(rtp_intervals_without_quality_total[5m]))',
  },
];
