// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Method, methodAt, methodNames } from './method.ts';

/** The IANA registry "Methods", by the RFC that defines them. */
const registered = {
  3261: ['ACK', 'BYE', 'CANCEL', 'INVITE', 'OPTIONS', 'REGISTER'],
  3262: ['PRACK'],
  3311: ['UPDATE'],
  3428: ['MESSAGE'],
  3515: ['REFER'],
  3903: ['PUBLISH'],
  6086: ['INFO'],
  6665: ['NOTIFY', 'SUBSCRIBE'],
};

function idOf(text: string): Method {
  // More of the alphabet behind, as in a message.
  const bytes = new TextEncoder().encode(`  ${text} sip`);
  return methodAt(bytes, 2, text.length);
}

test('the names are those registered, each with its own id', () => {
  const names = Object.values(registered).flat().sort();
  assert.deepEqual(methodNames, ['other', ...names]);
  for (const name of names) assert.equal(methodNames[idOf(name)], name);
  assert.deepEqual(Object.values(Method), [...methodNames.keys()]);
});

test('anything else is other', () => {
  for (const name of methodNames.slice(1)) {
    assert.equal(idOf(name.toLowerCase()), Method.other);
    assert.equal(idOf(`${name}S`), Method.other);
    assert.equal(idOf(name.slice(0, -1)), Method.other);
    assert.equal(idOf(`${name.slice(0, -1)}X`), Method.other);
    assert.equal(idOf(`X${name}`), Method.other);
  }
  for (const text of ['', 'A', 'AC', 'other', 'OTHER', '\0\0\0', '\0\0\0\0', 'SUBSCRIBER']) {
    assert.equal(idOf(text), Method.other);
  }
});
