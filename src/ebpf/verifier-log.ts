// SPDX-License-Identifier: Apache-2.0

/** What the kernel's verifier said last, out of a log of thousands of lines. */
export type VerifierVerdict = {
  /** The instruction it stopped at, such as `12: (61) r0 = *(u32 *)(r1 +76)`, '' when none. */
  readonly instruction: string;
  /** Why it refused, such as `invalid bpf_context access off=76 size=4`. */
  readonly reason: string;
};

const INSTRUCTION = /^\d+: \([0-9a-f]{2}\) /;
/** Lines the verifier writes after its verdict, and register states, which begin with `;` or a number. */
const SUMMARY = /^(processed \d+ insns|verification time|stack depth|;|\d+: R\d|from \d+ to \d+|R\d=)/;

/** Finds the last instruction and the reason in a verifier log of level 1. */
export function parseVerifierLog(log: string): VerifierVerdict {
  let instruction = '';
  let reason = '';
  for (const line of log.split('\n')) {
    const text = line.trim();
    if (INSTRUCTION.test(text)) {
      instruction = text.replace(/\s+;.*$/, '');
      reason = '';
    } else if (text !== '' && !SUMMARY.test(text)) {
      reason = text;
    }
  }
  return { instruction, reason };
}
