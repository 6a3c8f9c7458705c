// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import { compileGlobs, type GlobPattern, type GlobTables } from '../base/glob-automaton.ts';
import { PrefixTrieBuilder } from '../base/prefix-trie.ts';
import type { AnalysisOptions } from '../pipeline/analysis-options.ts';
import { fieldValue } from '../pipeline/labels/label-options.ts';
import { compileFieldGlobs, type FieldPattern } from '../sip/field-globs.ts';
import { addressWords } from './address-words.ts';
import type { CommandLine } from './command-line.ts';
import { readCountryDatabase } from './country-database.ts';
import { ConfigError } from './values.ts';

const MAX_CARRIERS = 1000;
const MAX_USER_AGENTS = 64;
const MAX_NETWORKS = 200_000;
const MAX_PATTERN_CHARACTERS = 200;
/** Bits of an address, and of IPv4 those before it in mapped form. */
const ADDRESS_BITS = 128;
const IPV4_BITS = 32;

/** What a label of the configuration has for one of its values. */
interface NamedList {
  /** From 1 on. */
  readonly number: number;
  readonly list: readonly string[];
}

/** Labels besides interface and direction; nothing where none are configured. Throws ConfigError. */
export function labelsOf(line: CommandLine): Pick<AnalysisOptions, 'labels'> {
  const carriers = new Names('carrier', MAX_CARRIERS);
  const userAgents = new Names('ua_type', MAX_USER_AGENTS);
  const networks = carriers.read(line, 'labels.carrier');
  const uris = carriers.read(line, 'labels.carrier-uri');
  const headers = carriers.read(line, 'labels.carrier-header');
  const agents = userAgents.read(line, 'labels.user-agent');
  const local = line.all('networks.local').flatMap((text) => text.split(','));
  const hasNumbers = line.isOn('labels.number-country');
  const database = line.one('labels.country-database');
  const lists = [networks, uris, headers, agents, local];
  if (lists.every((list) => list.length === 0) && !hasNumbers && database === '') return {};
  const globs = (option: string, named: readonly NamedList[], suffix: string): GlobTables =>
    compile(line.place(option), named, suffix);
  return {
    labels: {
      carriers: carriers.names,
      userAgents: userAgents.names,
      ...(networks.length > 0 && { carrierNetworks: trieOf(line.place('labels.carrier'), networks) }),
      ...(uris.length > 0 && { carrierUris: globs('labels.carrier-uri', uris, '*') }),
      ...(headers.length > 0 && {
        carrierHeaders: fieldGlobs(line.place('labels.carrier-header'), headers),
      }),
      ...(agents.length > 0 && { userAgentPatterns: globs('labels.user-agent', agents, '') }),
      ...(hasNumbers && { hasNumberCountries: true }),
      ...(database !== '' && {
        addressCountries: readCountryDatabase(line.place('labels.country-database'), database),
      }),
      ...(local.length > 0 && {
        localNetworks: networksOf(line.place('networks.local'), local),
      }),
    },
  };
}

/** Values of a label, as they are named. */
class Names {
  readonly names: string[] = [];
  readonly #label: string;
  readonly #most: number;

  constructor(label: string, most: number) {
    this.#label = label;
    this.#most = most;
  }

  /** Reads `NAME=LIST`, as often as it is given. */
  read(line: CommandLine, option: string): NamedList[] {
    const place = line.place(option);
    return line.all(option).map((text) => {
      const [, name = '', list = ''] = /^([A-Za-z0-9_.-]{1,63})=(.+)$/s.exec(text) ?? [];
      if (name === '' || name === 'unknown' || name === 'other') {
        throw new ConfigError(
          `${place} takes NAME=LIST with a name of letters, digits, "_", "." and "-" (at most 63; not unknown or ` +
            `other, which ${this.#label} has anyway), not "${shortened(text)}"`,
        );
      }
      if (!this.names.includes(name)) this.names.push(name);
      if (this.names.length > this.#most) throw new ConfigError(`${place} takes at most ${this.#most} names`);
      return { number: this.names.indexOf(name) + 1, list: list.split(',').map((item) => item.trim()) };
    });
  }
}

/** The tables of an automaton for patterns of one value. Throws ConfigError. */
export function globsOf(place: string, patterns: readonly string[]): GlobTables {
  return compile(place, [{ number: 1, list: patterns.map((pattern) => pattern.trim()) }], '');
}

/** Words of a `PrefixTrie` with 1 for addresses of the networks, which may be in files. Throws ConfigError. */
export function networksOf(place: string, networks: readonly string[]): Int32Array {
  return trieOf(place, [{ number: 1, list: networks.map((network) => network.trim()) }]);
}

function compile(place: string, lists: readonly NamedList[], suffix: string): GlobTables {
  const patterns = lists.flatMap(({ number, list }): GlobPattern[] =>
    list.map((text) => ({ text: text + suffix, value: number })),
  );
  for (const { text } of patterns) {
    if (text === suffix || text.length > MAX_PATTERN_CHARACTERS) {
      throw new ConfigError(
        `${place} takes patterns of 1 to ${MAX_PATTERN_CHARACTERS} characters, not "${shortened(text)}"`,
      );
    }
  }
  return statesIn(place, () => compileGlobs(patterns).tables);
}

/** Patterns of header fields, each with the name of its field. */
function fieldGlobs(place: string, lists: readonly NamedList[]): GlobTables {
  const patterns: FieldPattern[] = [];
  for (const { number, list } of lists) {
    for (const item of list) {
      const [, name = '', text = ''] = /^([\w.!%+'`~-]+):\s*(.+)$/.exec(item) ?? [];
      if (text === '' || item.length > MAX_PATTERN_CHARACTERS) {
        throw new ConfigError(
          `${place} takes HEADER:PATTERN of up to ${MAX_PATTERN_CHARACTERS} characters, such as ` +
            `P-Asserted-Identity:*@telco.example*, not "${shortened(item)}"`,
        );
      }
      patterns.push({ name, text, value: fieldValue(patterns.length, number) });
    }
  }
  return statesIn(place, () => compileFieldGlobs(patterns));
}

function statesIn(place: string, make: () => GlobTables): GlobTables {
  try {
    return make();
  } catch (error) {
    throw new ConfigError(`${place}: ${(error as Error).message}; use fewer * inside of patterns`);
  }
}

/** Words of a trie of all networks. */
function trieOf(place: string, lists: readonly NamedList[]): Int32Array {
  const builder = new PrefixTrieBuilder();
  let count = 0;
  for (const { number, list } of lists) {
    for (const item of list) {
      for (const [network, source] of item.startsWith('@')
        ? linesOf(place, item.slice(1))
        : [[item, place] as const]) {
        if (++count > MAX_NETWORKS) throw new ConfigError(`${place} takes at most ${MAX_NETWORKS} networks`);
        const { address, lengthBits } = parseNetwork(source, network);
        builder.add(address, lengthBits, number);
      }
    }
  }
  return builder.build().words;
}

/** An address, or `ADDRESS/LENGTH`. */
function parseNetwork(place: string, text: string): { address: readonly number[]; lengthBits: number } {
  const slash = text.indexOf('/');
  const address = addressWords(slash < 0 ? text : text.slice(0, slash));
  const bits = text.includes(':') ? ADDRESS_BITS : IPV4_BITS;
  const lengthText = slash < 0 ? `${bits}` : text.slice(slash + 1);
  const length = /^\d{1,3}$/.test(lengthText) ? Number(lengthText) : Number.NaN;
  if (address === undefined || !(length <= bits)) {
    throw new ConfigError(
      `${place} takes addresses and networks, such as 192.0.2.1,198.51.100.0/24,2001:db8::/32; "${shortened(text)}" is neither`,
    );
  }
  return { address, lengthBits: ADDRESS_BITS - bits + length };
}

/** The lines of a file that are not empty, without comments, each with its place. */
function linesOf(place: string, file: string): [text: string, place: string][] {
  let content: string;
  try {
    content = readFileSync(file, 'utf8');
  } catch (error) {
    throw new ConfigError(`${place} cannot read ${file} (${(error as NodeJS.ErrnoException).code})`);
  }
  return content
    .split(/\r?\n/)
    .map((text, i): [string, string] => [text.split('#', 1)[0]!.trim(), `${file}:${i + 1}:1:`])
    .filter(([text]) => text !== '');
}

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 60)}...` : text);
