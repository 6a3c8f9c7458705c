// SPDX-License-Identifier: Apache-2.0
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCommand } from './command.ts';

/** A self-signed certificate with its key, as PEM and in files of a folder that is gone with it. */
export type Certificate = Disposable & {
  readonly key: string;
  readonly cert: string;
  readonly keyFile: string;
  readonly certFile: string;
  readonly folder: string;
};

/** Makes a certificate with openssl; RSA where suites with RSA are wanted. `args` are more arguments of openssl req. */
export async function makeCertificate(
  kind: 'ec' | 'rsa' = 'ec',
  args: readonly string[] = [],
): Promise<Certificate> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-tls-'));
  const keyFile = join(folder, 'key.pem');
  const certFile = join(folder, 'cert.pem');
  const algorithm = kind === 'ec' ? ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['rsa:2048'];
  await runCommand('openssl', [
    ...['req', '-x509', '-nodes', '-days', '2', '-subj', '/CN=ringtap.test', '-newkey', ...algorithm],
    ...['-keyout', keyFile, '-out', certFile, ...args],
  ]);
  return {
    key: readFileSync(keyFile, 'utf8'),
    cert: readFileSync(certFile, 'utf8'),
    keyFile,
    certFile,
    folder,
    [Symbol.dispose]: () => rmSync(folder, { recursive: true, force: true }),
  };
}
