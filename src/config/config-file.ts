// SPDX-License-Identifier: Apache-2.0
import { closeSync, openSync, readSync } from 'node:fs';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { problemsOf } from './config-problems.ts';
import { configSchema, fileOptions } from './config-schema.ts';
import type { GivenValues } from './given-values.ts';
import { isNamed, type OptionDefinition } from './option-definition.ts';
import { ConfigError } from './values.ts';
import { offsetOf } from './yaml-place.ts';

/** 100,000 prefixes of carriers are a fifth of it. */
const MAX_FILE_BYTES = 16 * 2 ** 20;
/** Problems told of one file. */
const MAX_PROBLEMS = 20;

/** Reads a configuration file. Throws ConfigError, one line a problem: `FILE:LINE:COLUMN: ` what is wrong and what is right. */
export function readConfigFile(file: string): GivenValues {
  return parseConfigFile(file, readText(file));
}

/** The same for the text of a file. */
export function parseConfigFile(file: string, text: string): GivenValues {
  const lines = new LineCounter();
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${file}:${Math.max(line, 1)}:${Math.max(col, 1)}`;
  };
  const { document, content } = parseYaml(file, text, lines, at);
  const result = configSchema.safeParse(content);
  if (!result.success) {
    const problems = result.error.issues.flatMap((issue) => problemsOf(issue, document));
    problems.sort((one, other) => one.offset - other.offset);
    const told = problems
      .slice(0, MAX_PROBLEMS)
      .map(({ offset, text: problem }) => `${at(offset)}: ${problem}`);
    throw new ConfigError(told.join('\n'));
  }
  const values = new Map<string, readonly string[]>();
  for (const option of fileOptions) {
    const value = valueAt(result.data, option.name.split('.'));
    if (value !== undefined) values.set(option.name, textsOf(option, value));
  }
  return { values, place: (name) => `${at(offsetOf(document, name.split('.')))}: ${name}` };
}

function readText(file: string): string {
  const bytes = new Uint8Array(MAX_FILE_BYTES + 1);
  let length = 0;
  try {
    const descriptor = openSync(file, 'r');
    try {
      for (let count = -1; count !== 0; length += count) {
        count = readSync(descriptor, bytes, length, bytes.length - length, null);
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw new ConfigError(
      `cannot read the configuration file ${file} (${(error as NodeJS.ErrnoException).code})`,
    );
  }
  if (length > MAX_FILE_BYTES) throw new ConfigError(`${file} is longer than ${MAX_FILE_BYTES} bytes`);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes.subarray(0, length));
  } catch {
    throw new ConfigError(`${file} is not UTF-8`);
  }
}

function parseYaml(
  file: string,
  text: string,
  lineCounter: LineCounter,
  at: (offset: number) => string,
): { readonly document: Document.Parsed; readonly content: unknown } {
  try {
    const document = parseDocument(text, { lineCounter, prettyErrors: false, stringKeys: true });
    const problems = [...document.errors, ...document.warnings];
    const deep = problems.find(({ message }) => /call stack|stack overflow/i.test(message));
    if (deep !== undefined) throw new ConfigError(`${at(deep.pos[0])}: there are too many levels`);
    if (problems.length > 0) {
      const told = problems
        .slice(0, MAX_PROBLEMS)
        .map(({ pos, message }) => `${at(pos[0])}: ${sentence(message)}`);
      throw new ConfigError(told.join('\n'));
    }
    return { document, content: document.toJS() as unknown };
  } catch (error) {
    if (error instanceof ConfigError) throw error;
    // Too many levels for the stack, or aliases that stand for too much.
    const reason =
      error instanceof RangeError ? 'there are too many levels' : sentence((error as Error).message);
    throw new ConfigError(`${file}:1:1: ${reason}`);
  }
}

/** The library says more than one line of some. */
function sentence(message: string): string {
  return message.split('\n')[0]!.replace(/:$/, '');
}

function valueAt(content: unknown, path: readonly string[]): unknown {
  let value = content;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** A value as the texts a command line would give. */
function textsOf(option: OptionDefinition, value: unknown): string[] {
  if (isNamed(option)) {
    return Object.entries(value as Record<string, unknown>).map(
      ([name, inner]) => `${name}=${[inner].flat().join()}`,
    );
  }
  if (option.repeatable) return [value].flat().map(String);
  return [[value].flat().join()];
}
