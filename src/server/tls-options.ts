// SPDX-License-Identifier: Apache-2.0
import { createSecureContext, type SecureContextOptions, type TLSSocket } from 'node:tls';
import { tls13Ciphers } from './tls-names.ts';
import { type TlsConfig, WebConfigError } from './web-config.ts';

/**
 * What node:tls needs for new connections. Throws WebConfigError where certificate and key cannot be used together, so that
 * what is bad never replaces what is good.
 */
export function secureContextOptions(tls: TlsConfig, file: string): SecureContextOptions {
  const has13 = tls.ciphers.some((name) => name.startsWith('TLS_'));
  const options: SecureContextOptions = {
    cert: tls.cert,
    key: tls.key,
    minVersion: tls.minVersion,
    maxVersion: tls.maxVersion,
    honorCipherOrder: tls.isServerCipherOrder,
    ...(tls.clientCa !== undefined && { ca: tls.clientCa }),
    ...(tls.ciphers.length > 0 && { ciphers: [...(has13 ? [] : tls13Ciphers), ...tls.ciphers].join(':') }),
    ...(tls.curves.length > 0 && { ecdhCurve: tls.curves.join(':') }),
  };
  try {
    createSecureContext(options);
  } catch (error) {
    throw new WebConfigError(
      `${file}: tls_server_config cannot be used: ${(error as Error).message}. Do key and certificate belong together?`,
    );
  }
  return options;
}

/** Whether a client is asked for a certificate, and whether TLS itself ends a connection without a good one. */
export function clientCertificateOptions({ clientAuthType }: TlsConfig): {
  readonly requestCert: boolean;
  readonly rejectUnauthorized: boolean;
} {
  return {
    requestCert: clientAuthType !== 'NoClientCert',
    rejectUnauthorized: clientAuthType === 'RequireAndVerifyClientCert',
  };
}

/** What is wrong with the certificate of a client, judged after the handshake; undefined where nothing is. */
export function clientCertificateFault(tls: TlsConfig, socket: TLSSocket): string | undefined {
  const certificate = socket.getPeerX509Certificate?.();
  if (certificate === undefined) {
    return tls.clientAuthType.startsWith('Require') ? 'A client certificate is needed here.' : undefined;
  }
  const isVerified = tls.clientAuthType.includes('Verify');
  if (isVerified && !socket.authorized) return 'The client certificate is not of the right CA.';
  if (tls.clientAllowedSans.length === 0) return undefined;
  const names = subjectAlternativeNames(certificate.subjectAltName ?? '');
  if (names.some((name) => tls.clientAllowedSans.includes(name))) return undefined;
  return 'The client certificate has no subject alternative name that is allowed.';
}

/** `DNS:a, IP Address:192.0.2.1, URI:spiffe://a` as bare values; what Node puts in quotes is no name to be allowed. */
export function subjectAlternativeNames(text: string): readonly string[] {
  return text.split(', ').flatMap((entry) => /^(?:DNS|IP Address|URI|email):([^"]+)$/.exec(entry)?.[1] ?? []);
}
