// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseBpfObject } from './bpf-object.ts';
import { BpfObjectError } from './object-reader.ts';

const OBJECT = new Uint8Array(readFileSync(new URL('../../bpf/build/sip_capture.bpf.o', import.meta.url)));

const BPF_F_MMAPABLE = 1 << 10;
const ARRAY = 2;

/** What parsing throws; anything but BpfObjectError fails the test. */
function refusal(bytes: Uint8Array): string {
  try {
    parseBpfObject(bytes);
  } catch (error) {
    assert.ok(error instanceof BpfObjectError, String(error));
    return error.message;
  }
  return '';
}

/** The object with one name in it replaced by another of the same length. */
function renamed(from: string, to: string): Uint8Array {
  assert.equal(from.length, to.length);
  const text = Buffer.from(OBJECT).toString('latin1');
  assert.ok(text.includes(`${from}\0`), from);
  return Buffer.from(text.replaceAll(`${from}\0`, `${to}\0`), 'latin1');
}

test('the committed object has one program and its four maps', () => {
  const object = parseBpfObject(OBJECT);
  assert.equal(object.license, 'Dual BSD/GPL');
  const map = (name: string, valueBytes: number, maxEntries: number, flags = 0) =>
    ({ name, type: ARRAY, keyBytes: 4, valueBytes, maxEntries, flags }) as const;
  const byName = (one: { name: string }, other: { name: string }) => one.name.localeCompare(other.name);
  assert.deepEqual(object.maps.toSorted(byName), [
    map('heard_interface', 4, 1, BPF_F_MMAPABLE),
    map('media_ports', 8, 32_768, BPF_F_MMAPABLE),
    map('port_bitmap', 8, 1024, BPF_F_MMAPABLE),
    map('settings', 20, 1, BPF_F_MMAPABLE),
  ]);
  assert.deepEqual(
    object.programs.map(({ name, section }) => [name, section]),
    [['sip_capture', 'socket']],
  );
  const [program] = object.programs;
  assert.deepEqual([...new Set(program!.references.map(({ mapName }) => mapName))].sort(), [
    'heard_interface',
    'media_ports',
    'port_bitmap',
    'settings',
  ]);
  for (const { instruction } of program!.references) {
    assert.equal(program!.instructions[instruction * 8], 0x18);
  }
});

test('what is not an eBPF object is refused with a sentence', () => {
  assert.equal(refusal(new Uint8Array(0)), 'the object is not an ELF file');
  assert.equal(refusal(Buffer.from('#!/bin/sh\n'.repeat(20))), 'the object is not an ELF file');
  assert.match(
    refusal(readFileSync(process.execPath).subarray(0, 4096)),
    /not ELF for 64-bit little-endian BPF/,
  );
  assert.match(refusal(OBJECT.subarray(0, 2000)), /^the object has 2000 bytes, \d+ are needed at \d+$/);
});

test('an object that needs more than the loader has is refused with a sentence', () => {
  assert.equal(refusal(renamed('license', 'licence')), 'the object has no license section');
  assert.equal(refusal(renamed('.BTF', '.BTX')), 'the object has maps but no BTF: compile it with -g');
  assert.match(refusal(renamed('.maps', '.data')), /^section socket refers to \w+, only maps are supported$/);
  assert.match(refusal(renamed('max_entries', 'map_entries')), /^map \w+: map_entries is not supported$/);
});

test('property: a damaged object is read or refused, nothing else', () => {
  const damage = fc.array(fc.tuple(fc.nat(OBJECT.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(damage, fc.nat(OBJECT.length), (changes, length) => {
      const bytes = OBJECT.slice();
      for (const [at, value] of changes) bytes[at] = value;
      refusal(bytes);
      refusal(bytes.subarray(0, length));
    }),
    { numRuns: 2000 },
  );
});
