// SPDX-License-Identifier: Apache-2.0

/** A value that was given and cannot be used; the message says what would be right. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const MICROS_BY_UNIT: Readonly<Record<string, number>> = { ms: 1e3, s: 1e6, m: 60e6, h: 3600e6 };
const BYTES_BY_UNIT: Readonly<Record<string, number>> = {
  '': 1,
  B: 1,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
};

/** What a duration and a size look like; also for editors, in the JSON Schema. */
export const durationPattern: RegExp = /^(\d{1,9})(ms|s|m|h)$/;
export const sizePattern: RegExp = /^(\d{1,12})(B|KiB|MiB|GiB|KB|MB|GB)?$/;
/** What is said of those that do not. */
export const durationRule = 'takes a duration such as 500ms, 32s, 5m or 24h';
export const sizeRule = 'takes a size such as 64MiB or 1GiB';

/** A duration such as `500ms`, `32s`, `5m`, `24h`, in microseconds. Throws ConfigError. */
export function parseDuration(option: string, text: string, isZeroAllowed: boolean = false): number {
  const match = durationPattern.exec(text);
  const micros = match === null ? -1 : Number(match[1]) * MICROS_BY_UNIT[match[2]!]!;
  if (micros < 0 || (micros === 0 && !isZeroAllowed)) {
    const zero = isZeroAllowed ? ' (0s: off)' : '';
    throw new ConfigError(`${option} ${durationRule}${zero}, not "${text}"`);
  }
  return micros;
}

/** A size such as `64MiB`, in bytes. Throws ConfigError. */
export function parseSize(option: string, text: string): number {
  const match = sizePattern.exec(text);
  const bytes = match === null ? 0 : Number(match[1]) * BYTES_BY_UNIT[match[2] ?? '']!;
  if (bytes <= 0) throw new ConfigError(`${option} ${sizeRule}, not "${text}"`);
  return bytes;
}

/** A size in a range of bytes. Throws ConfigError. */
export function parseSizeWithin(option: string, text: string, minimum: number, maximum: number): number {
  const bytes = parseSize(option, text);
  if (bytes >= minimum && bytes <= maximum) return bytes;
  throw new ConfigError(`${option} takes a size from ${minimum} to ${maximum} bytes, not "${text}"`);
}

/** A whole number in a range. Throws ConfigError. */
export function parseCount(option: string, text: string, minimum: number, maximum: number): number {
  const count = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
  if (!(count >= minimum && count <= maximum)) {
    throw new ConfigError(`${option} takes a whole number from ${minimum} to ${maximum}, not "${text}"`);
  }
  return count;
}

/** Ports and ranges such as `5060,5061,5080-5090`, ascending, each once. Throws ConfigError. */
export function parsePorts(option: string, text: string): number[] {
  const ports = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part.trim());
    const first = Number(match?.[1]);
    const last = match?.[2] === undefined ? first : Number(match[2]);
    if (!(first >= 1 && last <= 65535 && first <= last)) {
      throw new ConfigError(
        `${option} takes ports from 1 to 65535 and ranges, such as 5060,5061,5080-5090; "${part}" is neither`,
      );
    }
    for (let port = first; port <= last; port++) ports.add(port);
  }
  return [...ports].sort((a, b) => a - b);
}

/** Names of a list such as `a,c`, as bits in the order of `names`; `all` and `none` stand alone. Throws ConfigError. */
export function parseNames(option: string, text: string, names: readonly string[]): number {
  if (text === 'none') return 0;
  if (text === 'all') return (1 << names.length) - 1;
  let bits = 0;
  for (const part of text.split(',')) {
    const bit = names.indexOf(part.trim());
    if (bit === -1) {
      throw new ConfigError(
        `${option} takes all, none, or some of ${names.join()}; "${part}" is none of them`,
      );
    }
    bits |= 1 << bit;
  }
  return bits;
}

/** The opposite of `parsePorts`: ports in ascending order as ports and ranges. */
export function formatPorts(ports: readonly number[]): string {
  const ranges: [number, number][] = [];
  for (const port of ports) {
    const last = ranges.at(-1);
    if (last !== undefined && last[1] === port - 1) last[1] = port;
    else ranges.push([port, port]);
  }
  return ranges.map(([first, last]) => (first === last ? `${first}` : `${first}-${last}`)).join();
}
