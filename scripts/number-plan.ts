// SPDX-License-Identifier: Apache-2.0

/** What is read of libphonenumber-js' `metadata.max.json`. */
export interface PhoneMetadata {
  /** By country code of E.164: its countries, the main one first. */
  readonly country_calling_codes: Readonly<Record<string, readonly string[]>>;
  readonly countries: Readonly<Record<string, readonly unknown[]>>;
}

/** Where patterns of numbers by their kind are in what is told of a country. */
const KINDS = 11;
/** Kinds that tell a territory: fixed line, mobile, personal numbers, pagers, VoIP; not those that are free or dear everywhere. */
const territorialKinds = [0, 1, 4, 7, 8];
/** As in `number-country.ts`. */
const MAX_PREFIX_DIGITS = 7;

/** A place in a pattern: where a digit of a set leads to, or where it goes on without one. */
interface Place {
  digits: ReadonlySet<number>;
  next: Place | undefined;
  empty: Place[];
}

const makePlace = (): Place => ({ digits: new Set(), next: undefined, empty: [] });

/**
 * The beginnings of numbers that tell their country, each as short as it can be, by country in alphabetical order. Where several
 * countries have a country code, whatever more than one of them has behind a beginning of `MAX_PREFIX_DIGITS` is the main one's.
 */
export function numberPlanOf({
  country_calling_codes: codes,
  countries,
}: PhoneMetadata): Map<string, string[]> {
  const plan = new Map<string, string[]>();
  const add = (country: string, prefix: string): void => {
    plan.set(country, [...(plan.get(country) ?? []), prefix]);
  };
  for (const [code, [main = '', ...others]] of Object.entries(codes)) {
    add(main, code);
    if (others.length === 0) continue;
    const starts = new Map(
      [main, ...others].map((country) => [country, reached(patternsOf(countries[country]!).map(startOf))]),
    );
    const walk = (prefix: string, places: ReadonlyMap<string, ReadonlySet<Place>>): void => {
      const [first, ...more] = places.keys();
      if (first === undefined) return;
      if (more.length === 0) {
        if (first !== main) add(first, prefix);
      } else if (prefix.length < MAX_PREFIX_DIGITS) {
        for (let digit = 0; digit < 10; digit++) walk(`${prefix}${digit}`, stepped(places, digit));
      }
    };
    walk(code, starts);
  }
  return new Map([...plan].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function patternsOf(country: readonly unknown[]): string[] {
  const kinds = country[KINDS] as readonly (readonly [pattern: string] | 0)[];
  return territorialKinds.flatMap((kind) => {
    const [pattern] = kinds[kind] || [''];
    return pattern === '' ? [] : [pattern];
  });
}

/** Of each country where it is behind a digit more; those that have no such numbers are left out. */
function stepped(
  places: ReadonlyMap<string, ReadonlySet<Place>>,
  digit: number,
): ReadonlyMap<string, ReadonlySet<Place>> {
  const after = new Map<string, ReadonlySet<Place>>();
  for (const [country, before] of places) {
    const next = [...before].flatMap((place) => (place.digits.has(digit) && place.next ? [place.next] : []));
    if (next.length > 0) after.set(country, reached(next));
  }
  return after;
}

/** Places and all that they go on to without a digit. */
function reached(places: readonly Place[]): ReadonlySet<Place> {
  const all = new Set<Place>();
  const visit = (place: Place): void => {
    if (all.has(place)) return;
    all.add(place);
    place.empty.forEach(visit);
  };
  places.forEach(visit);
  return all;
}

/** Where a pattern begins: digits, `\d`, sets, groups, alternatives, `?`, `{n}` and `{n,m}`. Throws for anything else. */
function startOf(pattern: string): Place {
  let at = 0;
  const fail = (): never => {
    throw new Error(`cannot read ${pattern} at ${at}`);
  };
  const alternatives = (start: Place, end: Place): void => {
    do {
      const first = makePlace();
      start.empty.push(first);
      sequence(first).empty.push(end);
    } while (pattern[at] === '|' && ++at);
  };
  const sequence = (place: Place): Place => {
    let last = place;
    while (at < pattern.length && !'|)'.includes(pattern[at]!)) last = repeated(last);
    return last;
  };
  const repeated = (start: Place): Place => {
    const from = at;
    let last = atom(start);
    const [text, least, , most] = /^(?:\?|\{(\d+)(,(\d+))?\})/.exec(pattern.slice(at)) ?? [''];
    const end = at + text.length;
    if (text === '?') start.empty.push(last);
    for (let count = 1; text !== '' && text !== '?' && count < Number(most ?? least); count++) {
      at = from;
      const before = last;
      last = atom(before);
      if (count >= Number(least)) before.empty.push(last);
    }
    at = end;
    return last;
  };
  const atom = (start: Place): Place => {
    const end = makePlace();
    const rest = pattern.slice(at);
    const [text, set] = /^(?:\[([\d-]+)\]|\\d|\d)/.exec(rest) ?? [''];
    if (text !== '') {
      at += text.length;
      const place = makePlace();
      start.empty.push(place);
      place.digits = text === '\\d' ? digitsOf('0-9') : digitsOf(set ?? text);
      place.next = end;
    } else if (rest.startsWith('(?:')) {
      at += 3;
      alternatives(start, end);
      if (pattern[at++] !== ')') fail();
    } else fail();
    return end;
  };
  const start = makePlace();
  alternatives(start, makePlace());
  if (at < pattern.length) fail();
  return start;
}

/** The digits of a set such as `02-5`. */
function digitsOf(set: string): ReadonlySet<number> {
  return new Set(
    [...set.matchAll(/(\d)(?:-(\d))?/g)].flatMap(([, first, last]) => {
      const from = Number(first);
      return Array.from({ length: Number(last ?? first) - from + 1 }, (_, i) => from + i);
    }),
  );
}

const LINE_CHARACTERS = 110;

/** The plan as `src/sip/number-plan.ts` has it. */
export function renderNumberPlan(plan: ReadonlyMap<string, readonly string[]>): string {
  const lines = [''];
  for (const [country, prefixes] of plan) {
    const entry = `${country}:${prefixes.join()}`;
    const last = lines.at(-1)!;
    if (last === '') lines[lines.length - 1] = entry;
    else if (last.length + 1 + entry.length <= LINE_CHARACTERS) lines[lines.length - 1] = `${last} ${entry}`;
    else lines.push(entry);
  }
  return lines.join('\n');
}
