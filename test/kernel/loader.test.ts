// SPDX-License-Identifier: Apache-2.0
// Needs root: loads eBPF programs, right and wrong ones.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { loadBpfObject, updateMap, VerifierError } from '../../src/ebpf/bpf-loader.ts';
import { type BpfObject, parseBpfObject } from '../../src/ebpf/bpf-object.ts';
import { BpfObjectError } from '../../src/ebpf/object-reader.ts';

const ARRAY = 2;
const MAP = { name: 'numbers', type: ARRAY, keyBytes: 4, valueBytes: 4, maxEntries: 2, flags: 0 } as const;

/** An object with a map and one program, given as instructions in hexadecimal. */
function objectOf(instructions: string, section = 'socket'): BpfObject {
  const program = { name: 'tested', section, instructions: Uint8Array.fromHex(instructions), references: [] };
  return { maps: [MAP], programs: [program], license: 'GPL' };
}

const RETURN_ZERO = 'b7000000000000009500000000000000';
/** r0 = *(u32 *)(r1 + 76), the `data` pointer that socket filters may not read; exit. */
const READ_FORBIDDEN = '61104c00000000009500000000000000';

const openDescriptors = (): number => readdirSync('/proc/self/fd').length;

test('a program loads, maps take values, close leaves nothing open', () => {
  const before = openDescriptors();
  const loaded = loadBpfObject(objectOf(RETURN_ZERO));
  assert.equal(openDescriptors(), before + 2);
  updateMap(loaded.map('numbers'), Uint8Array.of(1, 0, 0, 0), new Uint8Array(4));
  assert.throws(
    () => updateMap(loaded.map('numbers'), Uint8Array.of(2, 0, 0, 0), new Uint8Array(4)),
    /^SystemError: cannot write an eBPF map: bpf: E2BIG/,
  );
  assert.ok(loaded.program('tested') > 0);
  assert.throws(() => loaded.map('none'), new BpfObjectError('the object has no map none'));
  loaded.close();
  assert.equal(openDescriptors(), before);
});

test('the verdict of the verifier is one readable sentence', () => {
  const before = openDescriptors();
  assert.throws(
    () => loadBpfObject(objectOf(READ_FORBIDDEN)),
    (error) => {
      assert.ok(error instanceof VerifierError);
      assert.equal(
        error.message,
        `the kernel's verifier refused eBPF program tested at "0: (61) r0 = *(u32 *)(r1 +76)": invalid bpf_context access off=76 size=4`,
      );
      assert.match(error.log, /processed 1 insns/);
      return true;
    },
  );
  assert.equal(openDescriptors(), before, 'the map was closed');
});

test('a section that is no known program type is refused', () => {
  assert.throws(
    () => loadBpfObject(objectOf(RETURN_ZERO, 'tracepoint')),
    new BpfObjectError('section tracepoint is no program type that is supported'),
  );
});

test('a program loads while signals arrive', async () => {
  const object = parseBpfObject(readFileSync(new URL('../../bpf/build/sip_capture.bpf.o', import.meta.url)));
  // Each child that ends sends SIGCHLD, at which the verifier gives up.
  const children = Array.from({ length: 40 }, () => spawn('sleep', ['0.1']));
  const ends = children.map((child) => once(child, 'exit'));
  for (let load = 0; load < 100; load++) loadBpfObject(object).close();
  await Promise.all(ends);
});
