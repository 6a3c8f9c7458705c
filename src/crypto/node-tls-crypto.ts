// SPDX-License-Identifier: Apache-2.0
import { createDecipheriv, createHmac, createSecretKey } from 'node:crypto';
import { type AeadName, type HashName, tagLength } from '../tls/cipher-suite.ts';
import type { Aead, TlsCrypto } from '../tls/tls-crypto.ts';

/** The cryptography of TLS by node:crypto. It allocates for every record, see docs/decisions/011. */
export const nodeTlsCrypto: TlsCrypto = {
  hmac: (hash: HashName, key: Uint8Array, data: Uint8Array): Uint8Array =>
    createHmac(hash, key).update(data).digest(),

  aead(name: AeadName, keyBytes: Uint8Array): Aead {
    const key = createSecretKey(keyBytes);
    const options = { authTagLength: tagLength };
    return {
      open(nonce, additionalData, bytes, offset, lengthBytes) {
        const tagAt = offset + lengthBytes - tagLength;
        try {
          // The types know one overload for GCM and one for ChaCha20; they are the same.
          const decipher = createDecipheriv(name as 'aes-128-gcm', key, nonce, options);
          decipher.setAAD(additionalData);
          decipher.setAuthTag(bytes.subarray(tagAt, tagAt + tagLength));
          const plaintext = decipher.update(bytes.subarray(offset, tagAt));
          // Throws where the tag is wrong; it is the only way to ask.
          decipher.final();
          // A Buffer has another shape than all other bytes, and would make the code that reads them slower.
          return new Uint8Array(plaintext.buffer, plaintext.byteOffset, plaintext.length);
        } catch {
          return undefined;
        }
      },
    };
  },
};
