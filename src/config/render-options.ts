// SPDX-License-Identifier: Apache-2.0
import { Document } from 'yaml';
import type { CommandLine } from './command-line.ts';
import { fileOptions } from './config-schema.ts';
import { isNamed, type OptionDefinition } from './option-definition.ts';

const HIDDEN = 'hidden';

/**
 * Every option that has a value, as a configuration file that gives the same; each with the place it comes from, where
 * that is not the default. Secrets are hidden.
 */
export function renderOptions(line: CommandLine): string {
  const document = new Document({});
  for (const option of fileOptions) {
    const value = fileValueOf(line, option);
    if (value === undefined) continue;
    const node = document.createNode(value, { flow: true });
    if (line.all(option.name).length > 0) node.comment = ` ${line.place(option.name)}`;
    document.setIn(option.name.split('.'), node);
  }
  return document.toString({ lineWidth: 0 });
}

function fileValueOf(line: CommandLine, option: OptionDefinition): unknown {
  const { name, value: form, repeatable, secret } = option;
  if (form === undefined) return line.isOn(name);
  const given = line.all(name);
  if (secret) return given.length > 0 ? HIDDEN : undefined;
  if (isNamed(option)) return given.length > 0 ? Object.fromEntries(given.map(splitName)) : undefined;
  if (repeatable && given.length > 0) return given.map(scalar);
  const text = line.one(name);
  return text === '' ? undefined : scalar(text);
}

function splitName(text: string): [string, string] {
  const at = text.indexOf('=');
  return [text.slice(0, at), text.slice(at + 1)];
}

const scalar = (text: string): string | number => (/^\d{1,15}$/.test(text) ? Number(text) : text);
