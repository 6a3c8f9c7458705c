// SPDX-License-Identifier: Apache-2.0
import { createCipheriv } from 'node:crypto';
import { nodeTlsCrypto } from '../../../src/crypto/node-tls-crypto.ts';
import { cipherSuite, ProtocolVersion } from '../../../src/tls/cipher-suite.ts';
import { trafficKey13 } from '../../../src/tls/key-schedule.ts';
import { ContentType, recordHeaderLength } from '../../../src/tls/record.ts';
import { RecordProtection } from '../../../src/tls/record-protection.ts';
import type { BenchCase } from '../../measure-case.ts';

const records = 2000;
/** An INVITE. */
const plaintextLength = 600;
const recordLength = recordHeaderLength + plaintextLength + 1 + 16;

/** Records of TLS 1.3, AES-128-GCM, each with a message. */
export default function prepare(): BenchCase {
  const suite = cipherSuite(0x1301, ProtocolVersion.tls13)!;
  const trafficKey = trafficKey13(nodeTlsCrypto, suite, new Uint8Array(32).fill(7));
  const wire = new Uint8Array(records * recordLength);
  for (let sequence = 0; sequence < records; sequence++) {
    const nonce = Uint8Array.from(trafficKey.iv);
    nonce[10]! ^= sequence >> 8;
    nonce[11]! ^= sequence & 0xff;
    const header = Uint8Array.of(23, 3, 3, (plaintextLength + 17) >> 8, (plaintextLength + 17) & 0xff);
    const cipher = createCipheriv('aes-128-gcm', trafficKey.key, nonce);
    cipher.setAAD(header);
    const plaintext = new Uint8Array(plaintextLength + 1).fill(0x61);
    plaintext[plaintextLength] = ContentType.applicationData;
    const sealed = [cipher.update(plaintext), cipher.final(), cipher.getAuthTag()];
    wire.set(Buffer.concat([header, ...sealed]), sequence * recordLength);
  }
  return {
    unit: 'record',
    units: records,
    pass() {
      const protection = new RecordProtection(nodeTlsCrypto, suite, trafficKey);
      let opened = 0;
      for (let p = 0; p < wire.length; p += recordLength) {
        if (protection.open(wire, p, recordLength - recordHeaderLength)?.length === plaintextLength + 1)
          opened++;
      }
      if (opened !== records) throw new Error(`${opened} of ${records} records opened`);
    },
  };
}
