// SPDX-License-Identifier: Apache-2.0
import { type Document, isMap } from 'yaml';
import type { z } from 'zod';
import { fileOptions } from './config-schema.ts';
import { nearestName } from './nearest-name.ts';
import { offsetOf, type Path } from './yaml-place.ts';

type Issue = z.core.$ZodIssue;

/** Characters of a value or a name that are shown. */
const MAX_SHOWN = 60;

/** What is wrong with a configuration file at a place in its text. */
export interface ConfigProblem {
  readonly offset: number;
  readonly text: string;
}

/** What an issue says. */
export function problemsOf(issue: Issue, document: Document.Parsed): ConfigProblem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      offset: offsetOf(document, [...issue.path, key]),
      text: unknownKey(issue.path, key),
    }));
  }
  const { path, message } = deepest(issue);
  const name = path.filter((part) => typeof part === 'string').join('.');
  const value = shown(document.getIn(path));
  return [
    { offset: offsetOf(document, path), text: `${inWords(name || 'the file')} ${message}, not ${value}` },
  ];
}

/** Of a union, which may be one value or a list of them, the issue that is about an item of the list. */
function deepest(issue: Issue): { readonly path: Path; readonly message: string } {
  let found: { path: Path; message: string } = issue;
  if (issue.code !== 'invalid_union') return found;
  for (const inner of issue.errors.flat()) {
    const { path, message } = deepest(inner);
    const whole = [...issue.path, ...path];
    if (whole.length > found.path.length) found = { path: whole, message };
  }
  return found;
}

function unknownKey(section: Path, key: string): string {
  const names = fileOptions.map(({ name }) => name);
  const before = section.length === 0 ? '' : `${section.join('.')}.`;
  const whole = before + key;
  const hint = (name: string): string =>
    `: did you mean ${name}${name.includes('.') ? `, ${nested(name)}` : ''}?`;
  const said = `there is no option ${inWords(whole)}`;
  if (names.includes(key) && key.includes('.')) return `${said} in one piece: write ${nested(key)}`;
  const siblings = new Set<string>();
  for (const name of names)
    if (name.startsWith(before)) siblings.add(name.slice(before.length).split('.')[0]!);
  const sibling = nearestName(key, [...siblings]);
  if (sibling !== undefined) return `${said}: did you mean ${before}${sibling}?`;
  const elsewhere = names.find((name) => name.endsWith(`.${key}`)) ?? nearestName(whole, names);
  return elsewhere === undefined ? `${said}; see docs/configuration.md` : said + hint(elsewhere);
}

/** `sip: { ports: ... }` */
function nested(name: string): string {
  const parts = name.split('.');
  return `${parts.join(': { ')}: ...${' }'.repeat(parts.length - 1)}`;
}

function shown(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (typeof value === 'object') return isMap(value) ? 'a map' : 'a list';
  const text = String(value);
  return JSON.stringify(shortened(text));
}

/** A name, on one line whatever it is. */
const inWords = (name: string): string =>
  /^[\w. -]*$/.test(name) ? shortened(name) : JSON.stringify(shortened(name));

const shortened = (text: string): string =>
  text.length > MAX_SHOWN ? `${text.slice(0, MAX_SHOWN)}...` : text;
