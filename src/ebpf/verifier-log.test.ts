// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseVerifierLog } from './verifier-log.ts';

test('the last instruction and the reason are found', () => {
  const log = `0: R1=ctx() R10=fp0
; int sip_capture(struct __sk_buff *skb) @ sip_capture.bpf.c:170
0: (bf) r6 = r1                       ; R1=ctx() R6_w=ctx()
1: (61) r0 = *(u32 *)(r1 +76)
invalid bpf_context access off=76 size=4
processed 2 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0
`;
  assert.deepEqual(parseVerifierLog(log), {
    instruction: '1: (61) r0 = *(u32 *)(r1 +76)',
    reason: 'invalid bpf_context access off=76 size=4',
  });
});

test('a log without instructions gives its last line', () => {
  const reason = 'BPF program is too large. Processed 1000001 insn';
  assert.deepEqual(parseVerifierLog(`${reason}\nprocessed 1000001 insns (limit 1000000)\n`), {
    instruction: '',
    reason,
  });
  assert.deepEqual(parseVerifierLog(''), { instruction: '', reason: '' });
});
