// SPDX-License-Identifier: Apache-2.0
import { parseArgs } from 'node:util';
import { parseListenAddress } from '../server/listen-address.ts';
import type { OptionDefinition } from './options.ts';
import { ConfigError, parseCount, parseDuration, parsePorts, parseSize } from './values.ts';

/** Everything `ringtap run` can be told. */
export interface Config {
  readonly interfaces: readonly string[];
  readonly sipPorts: readonly number[];
  readonly sipDetect: boolean;
  readonly retryMicros: number;
  readonly promiscuous: boolean;
  readonly ringBytes: number;
  readonly maxAttempts: number;
  readonly maxDialogs: number;
  readonly sessionLimitMicros: number;
  readonly maxSeries: number;
  readonly maxSeriesPerFamily: number;
  readonly listenAddresses: readonly string[];
  readonly logFormat: 'logfmt' | 'json';
}

/** Records one state table may be given: keeps its arrays below what one typed array may hold. */
const MAX_RECORDS = 2 ** 26;
const MAX_SERIES = 1_000_000;

/** Reads the command line. Throws ConfigError with a sentence that says what is wrong and what is right. */
export function parseConfig(args: readonly string[], definitions: readonly OptionDefinition[]): Config {
  const values = parseValues(args, definitions);
  const one = (name: string): string => {
    const given = values.get(name);
    if (given !== undefined) return given[given.length - 1]!;
    return definitions.find((definition) => definition.name === name)?.default ?? '';
  };
  const logFormat = one('log.format');
  if (logFormat !== 'logfmt' && logFormat !== 'json') {
    throw new ConfigError(`--log.format takes logfmt or json, not "${logFormat}"`);
  }
  const count = (name: string, minimum: number, maximum: number): number =>
    parseCount(`--${name}`, one(name), minimum, maximum);
  const listenAddresses = values.get('web.listen-address') ?? [one('web.listen-address')];
  checkListenAddresses(listenAddresses);
  return {
    interfaces: values.get('interface') ?? ['any'],
    sipPorts: parsePorts('--sip.ports', one('sip.ports')),
    sipDetect: values.has('sip.detect'),
    retryMicros: parseDuration('--sip.retry-timeout', one('sip.retry-timeout')),
    promiscuous: values.has('capture.promiscuous'),
    ringBytes: parseSize('--capture.ring-size', one('capture.ring-size')),
    maxAttempts: count('state.max-attempts', 1, MAX_RECORDS),
    maxDialogs: count('state.max-dialogs', 1, MAX_RECORDS),
    sessionLimitMicros: parseDuration('--state.session-limit', one('state.session-limit')),
    maxSeries: count('metrics.max-series', 1000, MAX_SERIES),
    maxSeriesPerFamily: count('metrics.max-series-per-family', 100, MAX_SERIES),
    listenAddresses,
    logFormat,
  };
}

function checkListenAddresses(addresses: readonly string[]): void {
  for (const address of addresses) {
    try {
      parseListenAddress(address);
    } catch (error) {
      throw new ConfigError(`--web.listen-address: ${(error as Error).message}`);
    }
  }
}

/** Values given, by option name; a switch has the value "true". */
function parseValues(
  args: readonly string[],
  definitions: readonly OptionDefinition[],
): Map<string, string[]> {
  const options: Record<string, { type: 'string' | 'boolean'; multiple: true; short?: string }> = {};
  for (const { name, short, value } of definitions) {
    options[name] = {
      type: value === undefined ? 'boolean' : 'string',
      multiple: true,
      ...(short && { short }),
    };
  }
  let parsed: ReturnType<typeof parseArgs>;
  try {
    parsed = parseArgs({ args: [...args], options, strict: true, allowPositionals: true });
  } catch (error) {
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}; see ringtap help`);
  }
  if (parsed.positionals.length > 0) {
    throw new ConfigError(
      `"${parsed.positionals[0]}" is not understood: options begin with --; see ringtap help`,
    );
  }
  const values = new Map<string, string[]>();
  for (const [name, given] of Object.entries(parsed.values)) {
    if (Array.isArray(given)) values.set(name, given.map(String));
  }
  return values;
}
