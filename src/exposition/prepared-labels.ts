// SPDX-License-Identifier: Apache-2.0
import { labelNames, labelTuples } from '../metrics/definition.ts';
import type { FamilySeries } from './family-series.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Writes one label that has a value as a format has it. */
export type LabelWriter = (out: ProtobufWriter, name: string, value: string) => void;

/** The labels of every tuple of a family in the form of the wire: they never change, and are most of what is sent. */
class PreparedLabels {
  /** Where those of each tuple begin, and in the end where the last ones end. */
  readonly starts: number[] = [0];
  readonly #out = new ProtobufWriter();
  readonly #writeLabel: LabelWriter;
  #contexts = 0;

  constructor(writeLabel: LabelWriter) {
    this.#writeLabel = writeLabel;
  }

  /** Brings them up to date. */
  refresh({ definition, contexts }: FamilySeries): void {
    if (this.#contexts === contexts.length) return;
    const names = labelNames(definition);
    const tuples = labelTuples(definition);
    for (const contextValues of contexts.slice(this.#contexts)) {
      for (const tuple of tuples) {
        const values = [...contextValues, ...tuple];
        // A label without a value is none.
        for (const [i, name] of names.entries()) {
          if (values[i] !== '') this.#writeLabel(this.#out, name, values[i]!);
        }
        this.starts.push(this.#out.bytes.length);
      }
    }
    this.#contexts = contexts.length;
  }

  get bytes(): Uint8Array {
    return this.#out.bytes;
  }
}

/** The prepared labels of each family in one format. */
export class LabelCache {
  readonly #byFamily = new WeakMap<FamilySeries, PreparedLabels>();

  /** As they are now; `writeLabel` is the same each time. */
  of(family: FamilySeries, writeLabel: LabelWriter): PreparedLabels {
    const labels = this.#byFamily.get(family) ?? new PreparedLabels(writeLabel);
    this.#byFamily.set(family, labels);
    labels.refresh(family);
    return labels;
  }
}
