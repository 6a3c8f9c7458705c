// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, Space } from '../definition.ts';

const ratio = (name: string, source: string, help: string, example: string): FamilyDefinition => ({
  name,
  type: 'ratio',
  help,
  space: Space.window,
  labels: [],
  source,
  example: `${name} ${example}`,
});

/** Ratios over the last `--metrics.window`, 0 to 1, NaN while nothing ended within it. */
export const ratioFamilies: readonly FamilyDefinition[] = [
  ratio(
    'sip_session_establishment_ratio',
    'RFC 6076 §4.6',
    'SER: answered attempts by ended attempts that were not redirected, over the window.',
    '< 0.5',
  ),
  ratio(
    'sip_session_establishment_effectiveness_ratio',
    'RFC 6076 §4.7',
    'SEER: attempts answered or ended with 480, 486, 600 or 603 by ended attempts that were not redirected, over the window.',
    '< 0.9',
  ),
  ratio(
    'sip_ineffective_session_attempts_ratio',
    'RFC 6076 §4.8',
    'ISA: attempts ended with 408, 500, 503, 504 or no final response by ended attempts, over the window.',
    '> 0.05',
  ),
  ratio(
    'sip_session_completion_ratio',
    'RFC 6076 §4.9',
    'SCR: sessions whose BYE was answered, one for each attempt, by attempts that failed and sessions that ended, over the window.',
    '< 0.4',
  ),
  ratio(
    'sip_answer_seizure_ratio',
    'ITU-T E.411, E.425',
    'ASR: answered attempts by ended attempts, over the window.',
    '< 0.5',
  ),
  ratio(
    'sip_network_effectiveness_ratio',
    'ITU-T E.425',
    'NER: attempts answered, busy, without answer or declined by ended attempts, over the window.',
    '< 0.95',
  ),
  ratio(
    'sip_ineffective_registration_attempts_ratio',
    'RFC 6076 §4.2',
    'IRA: registration attempts ended with 4xx but 401, 402 and 407, with 5xx, 6xx or no final response by ended registration attempts, over the window.',
    '> 0.05',
  ),
];
