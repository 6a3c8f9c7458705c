// SPDX-License-Identifier: Apache-2.0

/** What a source tries: which addresses can register, are called, or answer, or which password is right. */
export const ScanKind = { registration: 0, invite: 1, options: 2, password: 3 } as const;
export type ScanKind = (typeof ScanKind)[keyof typeof ScanKind];

/** `kind` label values, by `ScanKind`. */
export const scanKindNames: readonly string[] = ['registration', 'invite', 'options', 'password'];

/** What evidence is of: a `ScanKind`, or a session attempt. */
export const EvidenceKind = { registration: 0, invite: 1, options: 2, password: 3, attempt: 4 } as const;
export type EvidenceKind = (typeof EvidenceKind)[keyof typeof EvidenceKind];

/** One refused attempt, or one attempt begun, of a source: what it is judged by. */
export class Evidence {
  kind: EvidenceKind = EvidenceKind.attempt;
  /** The network it came from: see source.ts. */
  sourceFirst = 0;
  sourceSecond = 0;
  /** A hash of whom it was for. */
  target = 0;
  /** Number of the window that it belongs to: those of one length follow each other since the epoch, modulo 2^32. */
  window = 0;
  /** Where it is counted. */
  context = 0;
}

/** Several workers see parts of what a source does: one of them is to judge it. */
export interface EvidenceTaker {
  /** Whether another worker judges the source with this hash; then it was given the evidence, if there was room. */
  take(evidence: Evidence, sourceHash: number): boolean;
}
