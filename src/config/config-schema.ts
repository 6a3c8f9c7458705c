// SPDX-License-Identifier: Apache-2.0
import { z } from 'zod';
import { isNamed, type OptionDefinition } from './option-definition.ts';
import { runOptions } from './options.ts';
import { durationPattern, durationRule, sizePattern, sizeRule } from './values.ts';

/** A map of options and of further maps, by the parts of their names between dots. */
interface Section {
  readonly options: Map<string, OptionDefinition>;
  readonly sections: Map<string, Section>;
}

/** Options that may stand in a configuration file: all but the one that names it. */
export const fileOptions: readonly OptionDefinition[] = runOptions.filter(
  ({ name }) => name !== 'config.file',
);

/**
 * What a configuration file may hold, from the definitions of the options. It says what kind a value is and, for editors,
 * what it looks like; what a value means and whether it is in range is for those who parse the options.
 */
export const configSchema: z.ZodType<Readonly<Record<string, unknown>> | null> = schemaOfSection(
  sectionOf(fileOptions),
);

/** The JSON Schema of a configuration file. */
export function renderConfigJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(configSchema);
  const document = { $schema, title: 'ringtap configuration file', ...schema };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function sectionOf(options: readonly OptionDefinition[]): Section {
  const root: Section = { options: new Map(), sections: new Map() };
  for (const option of options) {
    const parts = option.name.split('.');
    let section = root;
    for (const part of parts.slice(0, -1)) {
      const inner = section.sections.get(part) ?? { options: new Map(), sections: new Map() };
      section.sections.set(part, inner);
      section = inner;
    }
    section.options.set(parts.at(-1)!, option);
  }
  return root;
}

/** A section without anything in it is null in YAML. */
function schemaOfSection({ options, sections }: Section): z.ZodType<Record<string, unknown> | null> {
  const shape: Record<string, z.ZodType> = {};
  for (const [key, option] of options) shape[key] = schemaOfOption(option).optional();
  for (const [key, section] of sections) shape[key] = schemaOfSection(section).optional();
  return z
    .strictObject(shape, { error: 'takes options by their names, such as sip: { ports: 5060 }' })
    .nullable();
}

function schemaOfOption(option: OptionDefinition): z.ZodType {
  const { help, default: preset, repeatable } = option;
  const meta = { description: help, ...(preset !== undefined && { default: presetOf(option, preset) }) };
  if (isNamed(option)) return named(option).meta(meta);
  const value = schemaOfValue(option.value);
  if (repeatable) return z.union([value, z.array(value)], { error: errorOf(value) }).meta(meta);
  return value.meta(meta);
}

/** `NAME=VALUE` of the command line is a map here. */
function named({ value: form = '' }: OptionDefinition): z.ZodType {
  const [name = '', rest = ''] = form.split('=');
  const value = schemaOfValue(rest);
  const several = z.union([value, z.array(value)], { error: errorOf(value) });
  return z.record(z.string(), several, { error: `takes a map, ${name}: ${rest}` });
}

function schemaOfValue(form: string | undefined): z.ZodType {
  switch (form) {
    case undefined:
      return z.boolean({ error: 'takes true or false' });
    case 'N':
      return z.int({ error: 'takes a whole number' });
    case 'DURATION':
      return z.string({ error: durationRule }).regex(durationPattern, { error: durationRule });
    case 'SIZE':
      return z.union([z.int(), z.string().regex(sizePattern)], { error: sizeRule });
    case 'LIST': {
      const error = 'takes a value or a list of values';
      const item = z.union([z.int(), z.string()], { error });
      return z.union([z.int(), z.string(), z.array(item)], { error });
    }
  }
  return z.union([z.string(), z.number()], { error: `takes a text, ${form}` });
}

function presetOf({ value: form }: OptionDefinition, preset: string): unknown {
  if (form === undefined) return preset === 'on';
  return /^\d+$/.test(preset) ? Number(preset) : preset;
}

/** The same sentence for a list of values as for one. */
function errorOf(value: z.ZodType): string {
  const { error } = value.safeParse(undefined);
  return error?.issues[0]?.message ?? 'cannot be this';
}
