// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeCertificate } from '../../support/certificates.ts';
import { writePcap } from '../../support/pcap.ts';
import { callCases } from '../calls/cases.ts';
import { play } from '../calls/scenario.ts';
import { overTls } from './over-tls.ts';
import { udpMessages } from './udp-message.ts';

// `node test/golden/transports/generate-tls.ts` records tls-captures/ anew, each capture with its key log. A handshake is never
// the same twice, so other than the rest of the golden files these change with each run.

const LINKTYPE_ETHERNET = 1;

/** The captures, each of a case of test/golden/calls. */
export const tlsCaptures = [
  { name: 'tls12-proxy', callCase: 'proxy-three-hops', version: 'TLSv1.2', transport: 'tls' },
  { name: 'tls13-authentication', callCase: 'auth-407-answered', version: 'TLSv1.3', transport: 'tls' },
  { name: 'wss-registration', callCase: 'register-challenged', version: 'TLSv1.3', transport: 'wss' },
] as const;

async function generate(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  using certificate = await makeCertificate();
  const { key, cert } = certificate;
  for (const { name, callCase, version, transport } of tlsCaptures) {
    const frames = play(callCases.find((other) => other.name === callCase)!);
    const recorded = await overTls(udpMessages(frames), {
      context: { key, cert, minVersion: version, maxVersion: version },
      isWebSocket: transport === 'wss',
      seed: 5246,
    });
    writePcap(join(folder, `${name}.pcap`), LINKTYPE_ETHERNET, recorded.frames);
    writeFileSync(join(folder, `${name}.keys`), recorded.keyLog);
  }
}

if (import.meta.main) await generate(join(import.meta.dirname, 'tls-captures'));
