// SPDX-License-Identifier: Apache-2.0
import type { SeededHash } from '../base/hash.ts';
import { KeyedTable } from '../base/keyed-table.ts';
import type { PacketClock } from '../base/packet-clock.ts';
import { randomLength } from './handshake.ts';

/** The secrets of a connection that open application data, in the words of the key log. */
export const Secret = {
  /** CLIENT_RANDOM: the master secret of TLS 1.2. */
  master: 0,
  /** CLIENT_TRAFFIC_SECRET_0. */
  clientTraffic: 1,
  /** SERVER_TRAFFIC_SECRET_0. */
  serverTraffic: 2,
} as const;
export type Secret = (typeof Secret)[keyof typeof Secret];

/** The longest secret: SHA-384 has 48 bytes, as has every master secret. */
export const maxSecretLength = 48;

const SECRETS = 3;
const RANDOM_WORDS = randomLength / 4;
const SECRET_WORDS = maxSecretLength / 4;
/** Lengths of the secrets in bytes, a field each, 0 where there is none. */
const LENGTHS = RANDOM_WORDS + SECRETS * SECRET_WORDS;
/** Even, as the table wants it. */
const FIELDS = LENGTHS + SECRETS + 1;

/** Which records go first when the table is full: secrets of connections that took them already. */
const Queue = { used: 0, waiting: 1 } as const;

/**
 * What the key log told, by the random of the ClientHello. Bounded: the oldest secrets go when it is full, those in use
 * by their connections first. Nothing else ends their life, as a capture may be read long after its key log.
 */
export class Secrets {
  readonly table: KeyedTable;
  readonly #hash: SeededHash;

  constructor(limit: number, hash: SeededHash, clock: PacketClock) {
    this.#hash = hash;
    const forever = Number.MAX_VALUE;
    this.table = new KeyedTable(limit, FIELDS, [forever, forever], clock);
  }

  /** Adds a secret of the connection with this random, or puts it in the place of an older one. */
  add(clientRandom: DataView, kind: Secret, secret: DataView, lengthBytes: number): void {
    const { table } = this;
    let slot = this.#find(clientRandom);
    if (slot < 0) {
      table.makeRoom();
      slot = table.insert(this.#hash.low, this.#hash.high, Queue.waiting);
      table.clearFields(slot);
      for (let i = 0; i < RANDOM_WORDS; i++) table.setField(slot, i, clientRandom.getInt32(i * 4));
    }
    const first = RANDOM_WORDS + kind * SECRET_WORDS;
    for (let i = 0; i < lengthBytes / 4; i++) table.setField(slot, first + i, secret.getInt32(i * 4));
    table.setField(slot, LENGTHS + kind, lengthBytes);
  }

  /** Copies a secret to `target`, which has room for 48 bytes; returns its length, 0 where it is not known. */
  copy(clientRandom: DataView, kind: Secret, target: DataView): number {
    const { table } = this;
    const slot = this.#find(clientRandom);
    if (slot < 0) return 0;
    const lengthBytes = table.field(slot, LENGTHS + kind);
    const first = RANDOM_WORDS + kind * SECRET_WORDS;
    for (let i = 0; i < lengthBytes / 4; i++) target.setInt32(i * 4, table.field(slot, first + i));
    if (lengthBytes > 0) table.move(slot, Queue.used);
    return lengthBytes;
  }

  /** Whether both secrets of TLS 1.3 are known. */
  hasTraffic(clientRandom: DataView): boolean {
    const slot = this.#find(clientRandom);
    return (
      slot >= 0 &&
      this.table.field(slot, LENGTHS + Secret.clientTraffic) > 0 &&
      this.table.field(slot, LENGTHS + Secret.serverTraffic) > 0
    );
  }

  /** The record of a random, or -1; its hash is left in `#hash`. */
  #find(clientRandom: DataView): number {
    const { table } = this;
    this.#hash.hash(clientRandom, 0, randomLength);
    const slot = table.find(this.#hash.low, this.#hash.high);
    if (slot < 0) return slot;
    for (let i = 0; i < RANDOM_WORDS; i++) {
      if (table.field(slot, i) !== clientRandom.getInt32(i * 4)) return -1;
    }
    return slot;
  }
}
