// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, Space } from '../definition.ts';

const gauge = (name: string, help: string, example: string): FamilyDefinition => ({
  name,
  type: 'gauge',
  help,
  space: Space.global,
  labels: [],
  source: '',
  example,
});

/** What became of the configuration, by the names Prometheus has for its own. */
export const configFamilies: readonly FamilyDefinition[] = [
  gauge(
    'ringtap_config_last_reload_successful',
    'Whether the configuration could be used when it was last read: 1, or 0 while the one before stays in force.',
    'ringtap_config_last_reload_successful == 0',
  ),
  gauge(
    'ringtap_config_last_reload_success_timestamp_seconds',
    'When the configuration in force was read, since the epoch.',
    'time() - ringtap_config_last_reload_success_timestamp_seconds',
  ),
];
