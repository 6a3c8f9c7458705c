// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, labelNames } from '../../src/metrics/definition.ts';
import { families } from '../../src/metrics/families.ts';

/** What a query selects: a name, and what its labels must be. */
export type Selector = {
  readonly text: string;
  readonly name: string;
  readonly matchers: readonly { label: string; operator: string; value: string }[];
};

const words = /\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g;
const selector = /(?<![\w:"])([a-zA-Z_:][\w:]*)(\{[^}]*\})?(?!\s*\(|[\w:])/g;
const keywords: ReadonlySet<string> = new Set(['and', 'or', 'unless', 'offset', 'bool', 'by', 'without']);

/** The selectors of a query that is written as those of deploy/ are: not all of PromQL. */
export function selectorsOf(query: string): Selector[] {
  const text = query
    .replace(words, ' ')
    .replace(/\[[^\]]*\]/g, ' ')
    // Texts that are no matchers: arguments of label_replace.
    .replace(/(?<=[(,]\s*)"[^"]*"/g, ' ')
    .replace(/\boffset\s+\w+/g, ' ');
  return [...text.matchAll(selector)]
    .filter(([, name]) => !keywords.has(name!))
    .map(([whole, name, matchers = '']) => ({
      text: whole,
      name: name!,
      matchers: [...matchers.matchAll(/(\w+)(=~|!~|!=|=)"([^"]*)"/g)].map(([, label, operator, value]) => ({
        label: label!,
        operator: operator!,
        value: value!,
      })),
    }));
}

/** Labels that Prometheus and the configuration give. */
const outerLabels: ReadonlySet<string> = new Set(['job', 'instance', 'carrier']);

/** What is wrong with a selector: a name, label or value that ringtap does not have; or undefined. */
export function faultOf({ name, matchers }: Selector): string | undefined {
  const family = familyOf(name);
  if (family === undefined) return `no family ${name}`;
  const isBucket = family.type === 'histogram' && name.endsWith('_bucket');
  for (const { label, operator, value } of matchers) {
    if (outerLabels.has(label)) continue;
    if (label === 'le' && isBucket) {
      if (!bounds(family).includes(value)) return `${name} has no le="${value}"`;
      continue;
    }
    if (!labelNames(family).includes(label)) return `${name} has no label ${label}`;
    const values = family.labels.find((one) => one.name === label)?.values;
    // Those of a context, such as interface, are not closed.
    if (values === undefined) continue;
    for (const part of operator.endsWith('~') ? value.split('|') : [value]) {
      const pattern = new RegExp(`^(?:${part})$`);
      const isThere = operator.endsWith('~')
        ? values.some((one) => pattern.test(one))
        : values.includes(part);
      if (!isThere) return `${name} has no ${label}="${part}"`;
    }
  }
  return undefined;
}

function familyOf(name: string): FamilyDefinition | undefined {
  return families.find((family) =>
    family.type === 'histogram'
      ? ['_bucket', '_sum', '_count'].some((end) => family.name + end === name)
      : family.name === name,
  );
}

/** Bounds as the text formats have them: whole numbers with `.0`. */
function bounds(family: FamilyDefinition): string[] {
  if (family.type !== 'histogram') return [];
  return family.buckets.map((bound) => (Number.isInteger(bound) ? `${bound}.0` : String(bound)));
}
