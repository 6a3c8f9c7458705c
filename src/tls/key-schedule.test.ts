// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nodeTlsCrypto } from '../crypto/node-tls-crypto.ts';
import { cipherSuite, ProtocolVersion } from './cipher-suite.ts';
import { nextTrafficSecret, pseudoRandom, trafficKey13 } from './key-schedule.ts';

const bytes = (hexadecimal: string): Uint8Array => new Uint8Array(Buffer.from(hexadecimal, 'hex'));
const text = (value: Uint8Array): string => Buffer.from(value).toString('hex');

test('traffic keys of TLS 1.3 are those of RFC 8448 §3', () => {
  const suite = cipherSuite(0x1301, ProtocolVersion.tls13)!;
  const client = bytes('9e40646ce79a7f9dc05af8889bce6552875afa0b06df0087f792ebb7c17504a5');
  const { key, iv } = trafficKey13(nodeTlsCrypto, suite, client);
  assert.equal(text(key), '17422dda596ed5d9acd890e3c63f5051');
  assert.equal(text(iv), '5b78923dee08579033e523d9');
  const server = bytes('a11af9f05531f856ad47116b45a950328204b4f44bfb6b3a4b4f1f3fcb631643');
  assert.equal(text(trafficKey13(nodeTlsCrypto, suite, server).key), '9f02283b6c9c07efc26bb9f2ac92e356');
  assert.equal(text(trafficKey13(nodeTlsCrypto, suite, server).iv), 'cf782b88dd83549aadf1e984');
});

test('a KeyUpdate makes secrets as long as the hash, each another', () => {
  for (const [hash, length] of [
    ['sha256', 32],
    ['sha384', 48],
  ] as const) {
    const first = new Uint8Array(length).fill(7);
    const second = nextTrafficSecret(nodeTlsCrypto, hash, first);
    const third = nextTrafficSecret(nodeTlsCrypto, hash, second);
    assert.equal(second.length, length);
    assert.equal(new Set([first, second, third].map(text)).size, 3);
  }
});

test('the pseudorandom function of TLS 1.2 gives what others computed, at any length', () => {
  const secret = bytes('9bbe436ba940f017b17652849a71db35');
  const seed = bytes(`${Buffer.from('test label').toString('hex')}a0ba9f936cda311827a6f796ffd5198c`);
  const expected =
    'e3f229ba727be17b8d122620557cd453c2aab21d07c3d495329b52d4e61edb5a6b301791e90d35c9c9a46b4e14baf9af' +
    '0fa022f7077def17abfd3797c0564bab4fbc91666e9def9b97fce34f796789baa48082d122ee42c5a72e5a5110fff701' +
    '87347b66';
  for (const length of [1, 31, 32, 33, 100]) {
    const output = pseudoRandom(nodeTlsCrypto, 'sha256', secret, seed, length);
    assert.equal(text(output), expected.slice(0, length * 2));
  }
});
