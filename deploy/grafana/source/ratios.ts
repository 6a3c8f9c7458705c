// SPDX-License-Identifier: Apache-2.0
import { number, type Panel, type PanelOptions } from './panels.ts';
import { ratio, traffic } from './queries.ts';

/** A ratio of RFC 6076 or ITU-T E.411 and E.425, by attempt, as docs/metrics.md has it. */
export type Ratio = Pick<PanelOptions, 'title' | 'about'> &
  Required<Pick<PanelOptions, 'limits'>> & {
    /** One family, or several that are added. */
    readonly numerator: string | readonly string[];
    readonly denominator: string;
  };

const results = (matchers = ''): string => traffic('sip_session_attempt_results_total', matchers);
const codes = (matchers: string): string => traffic('sip_session_attempt_codes_total', matchers);

/** Ratios of calls, by their short names. */
export const ratios: Readonly<Record<'asr' | 'ner' | 'ser' | 'seer' | 'isa' | 'scr', Ratio>> = {
  asr: {
    title: 'ASR',
    about: 'Answer seizure ratio: answered attempts of all that ended (ITU-T E.411).',
    limits: { warn: 0.5, bad: 0.3 },
    numerator: results('result="answered"'),
    denominator: results(),
  },
  ner: {
    title: 'NER',
    about: 'Network effectiveness ratio: answered, busy, no answer or declined, of all that ended (E.425).',
    limits: { warn: 0.95, bad: 0.9 },
    numerator: results('result=~"answered|busy|no_answer|declined"'),
    denominator: results(),
  },
  ser: {
    title: 'SER',
    about: 'Session establishment ratio: answered, of those that were not redirected (RFC 6076 §4.6).',
    limits: { warn: 0.5, bad: 0.3 },
    numerator: results('result="answered"'),
    denominator: results('result!="redirected"'),
  },
  seer: {
    title: 'SEER',
    about:
      'Session establishment effectiveness ratio: answered or ended with 480, 486, 600 or 603 (RFC 6076 §4.7).',
    limits: { warn: 0.9, bad: 0.8 },
    numerator: codes('code=~"2..|480|486|600|603"'),
    denominator: codes('code!~"3.."'),
  },
  isa: {
    title: 'ISA',
    about: 'Ineffective session attempts: ended with 408, 500, 503, 504 or silence (RFC 6076 §4.8).',
    limits: { warn: 0.02, bad: 0.05 },
    numerator: [codes('code=~"408|500|503|504"'), results('result="timeout"')],
    denominator: results(),
  },
  scr: {
    title: 'SCR',
    about:
      'Session completion ratio: sessions ended by a BYE that was answered, by all attempts (RFC 6076 §4.9). Right only over a time much longer than a call.',
    limits: { warn: 0.4, bad: 0.2 },
    numerator: traffic('sip_session_duration_seconds_count', 'outcome="success"'),
    denominator: results(),
  },
};

/** One number of a ratio over `$window`. */
export const ratioNumber = ({ title, about, limits, numerator, denominator }: Ratio, width: number): Panel =>
  number({ title, about, unit: 'percentunit', width, max: 1, limits }, ratio(numerator, denominator));
