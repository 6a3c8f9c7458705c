// SPDX-License-Identifier: Apache-2.0

/** A socket that receives HEP. */
export interface Listener {
  /** Where it listens, with the port that was taken. */
  readonly address: string;
  /** Open connections. */
  readonly connectionCount: number;
  /** Packets the kernel dropped from the start to the last `upkeep`. */
  readonly socketDrops: number;
  /** To be called about once a second. */
  upkeep(): void;
  close(): void;
}
