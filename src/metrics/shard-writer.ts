// SPDX-License-Identifier: Apache-2.0
import {
  cellsPerContext,
  contextLabels,
  type FamilyDefinition,
  Space,
  seriesPerContext,
  spaceLabels,
  tuplesPerContext,
} from './definition.ts';
import { ExemplarSubject } from './exemplars.ts';
import { families, familyId } from './families.ts';
import { NATIVE_CELLS } from './native-buckets.ts';
import { SeriesGrants } from './series-grants.ts';
import {
  BLOCK_SIZE,
  CONTEXT_SIZE,
  Header,
  MAX_CONTEXTS,
  MAX_TEXTS,
  type SeriesBudget,
  type ShardMemory,
  TEXT_SIZE,
} from './shard-memory.ts';

/** The value a label has when the budget is used up. */
const OTHER = 'other';
/** Of labels that are only there where they are configured, "other" has none. */
const otherValues: readonly (readonly string[])[] = spaceLabels.map((labels, space) =>
  (space === Space.traffic ? labels.slice(0, 2) : labels).map(() => OTHER),
);

/** In place of a family where there is no context: all of them. */
const NO_FAMILY = -1;
const seriesOverflow = familyId('ringtap_metric_series_overflow_total');
const labelOverflow = familyId('ringtap_metric_label_overflow_total');
/** Of the budget, what may be used for series that are 0, and with those of main families: the rest is for what counts. */
const ZERO_SHARE = 0.25;
const MAIN_SHARE = 0.5;
/** Families that begin at 0 in each label set of the configuration, those of few series first. */
const mainFamilies: readonly number[] = [...families.keys()]
  .filter((family) => families[family]!.isMain)
  .sort((a, b) => seriesPerContext(families[a]!) - seriesPerContext(families[b]!));

/**
 * The writing side of a shard. Contexts and blocks are made on the cold path, at the first packet of a context;
 * counting is an add into `cells` at `base(family, context) + index`.
 */
export class ShardWriter {
  readonly memory: ShardMemory;
  /** Whose the observations are that come next, of messages and of media; undefined where no exemplars are wanted. */
  readonly exemplars: ExemplarSubject | undefined;
  readonly mediaExemplars: ExemplarSubject | undefined;
  readonly hasNativeHistograms: boolean;
  readonly #grants: SeriesGrants;
  readonly #encoder = new TextEncoder();
  readonly #textIds = new Map<string, number>();
  readonly #contextIds = new Map<string, number>();
  /** By context: the name it has in every shard, and the context that counts for it where there is no budget. */
  readonly #contextNames: string[] = [];
  readonly #fallbacks = new Int32Array(MAX_CONTEXTS);
  /** By space and label: the texts it has in the contexts there are. */
  readonly #labelTexts: readonly (readonly Set<number>[])[] = spaceLabels.map((labels) =>
    labels.map(() => new Set()),
  );
  /** First cell of each family in each context, -1 where there is no block yet. */
  readonly #bases: readonly Int32Array[] = families.map(() => new Int32Array(MAX_CONTEXTS).fill(-1));
  /** The same of the cells of native histograms. */
  readonly #nativeBases: readonly Int32Array[];
  readonly #otherContext: readonly number[];

  /** Shards of one exposition have their budget together where they are given the same `grants`. */
  constructor(memory: ShardMemory, budget: SeriesBudget, grants: SeriesGrants = new SeriesGrants(budget)) {
    this.memory = memory;
    this.#grants = grants;
    if (budget.hasExemplars) {
      this.exemplars = new ExemplarSubject(memory.exemplars);
      this.mediaExemplars = new ExemplarSubject(memory.exemplars);
    }
    this.hasNativeHistograms = budget.hasNativeHistograms ?? false;
    this.#nativeBases = families.map(
      ({ type }) => new Int32Array(this.hasNativeHistograms && type === 'histogram' ? MAX_CONTEXTS : 0),
    );
    this.#otherContext = otherValues.map((values, space) => this.context(space as Space, values));
  }

  /**
   * The id of a context; labels without a value are none. Once `MAX_CONTEXTS` are made, or a text is not to be had, the
   * context that counts for it: that is how many interfaces there are and what is configured, never what peers send.
   */
  context(space: Space, given: readonly string[]): number {
    const values = spaceLabels[space]!.map((_, i) => given[i] ?? '');
    const name = JSON.stringify([space, ...values]);
    const known = this.#contextIds.get(name);
    if (known !== undefined) return known;
    const fallback = this.#fallbackOf(space, values);
    const { header, contexts } = this.memory;
    const context = header[Header.contextCount]!;
    if (context === MAX_CONTEXTS || this.#textIds.size + values.length > MAX_TEXTS) {
      if (!values.includes(OTHER)) this.#countRefusal(NO_FAMILY, space, name);
      return fallback;
    }
    contexts[context * CONTEXT_SIZE] = space;
    for (const [i, value] of values.entries()) {
      const text = this.#text(value);
      contexts[context * CONTEXT_SIZE + 1 + i] = text;
      this.#labelTexts[space]![i]!.add(text);
    }
    this.#contextIds.set(name, context);
    this.#contextNames[context] = name;
    this.#fallbacks[context] = fallback;
    Atomics.store(header, Header.contextCount, context + 1);
    return context;
  }

  /** The context here of one of another shard, which another thread may write. */
  contextOf(shard: ShardMemory, context: number): number {
    const space = shard.contexts[context * CONTEXT_SIZE]! as Space;
    const labels = spaceLabels[space]!;
    return this.context(
      space,
      labels.map((_, i) => shard.text(shard.contexts[context * CONTEXT_SIZE + 1 + i]!)),
    );
  }

  /** Contexts there are. */
  get contextCount(): number {
    return this.memory.header[Header.contextCount]!;
  }

  /** Makes the blocks of every family of a context's space but rare ones, all zero, while a quarter of the budget lasts. */
  openAll(
    space: Space,
    context: number,
    isWanted: (definition: FamilyDefinition) => boolean = () => true,
  ): void {
    for (const [family, definition] of families.entries()) {
      if (definition.space === space && !definition.isRare && isWanted(definition))
        this.#openEarly(family, context, ZERO_SHARE);
    }
  }

  /** The same of main families only, up to half of the budget: what is small is there for all contexts first. */
  openMain(contexts: readonly number[]): void {
    for (const family of mainFamilies)
      for (const context of contexts) this.#openEarly(family, context, MAIN_SHARE);
  }

  #openEarly(family: number, context: number, share: number): void {
    if (this.#bases[family]![context]! >= 0) return;
    if (this.#hasBudget(family, context, share)) this.open(family, context);
  }

  /** The first cell of a family in a context, made if need be. */
  base(family: number, context: number): number {
    const base = this.#bases[family]![context]!;
    return base >= 0 ? base : this.open(family, context);
  }

  /** First cells of a family by context, for the hot path: -1 asks for `open`. */
  basesOf(family: number): Int32Array {
    return this.#bases[family]!;
  }

  /** First cells of native histograms of a family by context; as of `open`. */
  nativeBasesOf(family: number): Int32Array {
    return this.#nativeBases[family]!;
  }

  /** Makes the block of a family in a context; beyond the budget it is the block of "other", and that is counted. */
  open(family: number, context: number): number {
    const definition = families[family]!;
    const bases = this.#bases[family]!;
    if (!this.#hasBudget(family, context, 1)) {
      const base = this.base(family, this.#fallbacks[context]!);
      bases[context] = base;
      this.#nativeBases[family]![context] = this.#nativeBases[family]![this.#fallbacks[context]!]!;
      this.#countRefusal(family, definition.space, this.#contextNames[context]!);
      return base;
    }
    const { header, blocks } = this.memory;
    const base = header[Header.cellCount]!;
    const block = header[Header.blockCount]!;
    blocks[block * BLOCK_SIZE] = family;
    blocks[block * BLOCK_SIZE + 1] = context;
    blocks[block * BLOCK_SIZE + 2] = base;
    blocks[block * BLOCK_SIZE + 3] = this.#openNative(family, context);
    bases[context] = base;
    header[Header.cellCount] = base + cellsPerContext(definition);
    Atomics.store(header, Header.blockCount, block + 1);
    return base;
  }

  /** The first cell for native histograms of a block that is being made; -1 where it needs none. */
  #openNative(family: number, context: number): number {
    const definition = families[family]!;
    if (!this.hasNativeHistograms || definition.type !== 'histogram') return -1;
    const { header } = this.memory;
    const base = header[Header.nativeCellCount]!;
    this.#nativeBases[family]![context] = base;
    header[Header.nativeCellCount] = base + tuplesPerContext(definition) * NATIVE_CELLS;
    return base;
  }

  /**
   * Whether a share of the budget leaves room for a block, which then has it. The block of "other" always has its room: it is where the
   * rest goes. So has the one block of a family without context labels, which is its own "other".
   */
  #hasBudget(family: number, context: number, share: number): boolean {
    const definition = families[family]!;
    if (context === this.#otherContext[definition.space]) return true;
    return this.#grants.grant(family, this.#contextNames[context]!, seriesPerContext(definition), share);
  }

  /** A label set counts for others from now on, in a family or in all: that is counted once, and the label it is for. */
  #countRefusal(family: number, space: Space, contextName: string): void {
    if (!this.#grants.isFirstRefusal(family, contextName)) return;
    const global = this.#otherContext[Space.global]!;
    const { cells } = this.memory;
    if (family !== NO_FAMILY) cells[this.base(seriesOverflow, global) + family]!++;
    cells[this.base(labelOverflow, global) + contextLabels.indexOf(this.#widestLabel(space))]!++;
  }

  /** The label of a space that has the most values in the contexts there are. */
  #widestLabel(space: Space): string {
    const sizes = this.#labelTexts[space]!.map(({ size }) => size);
    return spaceLabels[space]![sizes.indexOf(Math.max(...sizes))]!;
  }

  /**
   * The context that counts where there is no budget for one with these values: that with "other" for all labels of the
   * configuration, then the one without them, then "other" for everything.
   */
  #fallbackOf(space: Space, values: readonly string[]): number {
    const others = otherValues[space]!;
    const always = values.slice(0, others.length);
    const configured = values.slice(others.length);
    if (configured.some((value) => value !== '' && value !== OTHER)) {
      return this.context(space, [...always, ...configured.map((value) => (value === '' ? '' : OTHER))]);
    }
    if (configured.some((value) => value !== '')) return this.context(space, always);
    // The first context of a space is the one for everything else: it has none behind it.
    return always.every((value) => value === OTHER)
      ? this.memory.header[Header.contextCount]!
      : this.#otherContext[space]!;
  }

  #text(value: string): number {
    const known = this.#textIds.get(value);
    if (known !== undefined) return known;
    const { header, texts } = this.memory;
    const id = header[Header.textCount]!;
    const { written } = this.#encoder.encodeInto(
      value,
      texts.subarray(id * TEXT_SIZE + 1, (id + 1) * TEXT_SIZE),
    );
    texts[id * TEXT_SIZE] = written;
    this.#textIds.set(value, id);
    Atomics.store(header, Header.textCount, id + 1);
    return id;
  }
}
