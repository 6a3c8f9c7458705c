// SPDX-License-Identifier: Apache-2.0
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { heplifyReport, hepOf, ntpOf, rtpengineReport } from '../../hep/reports.ts';
import { type PcapRecord, writePcap } from '../../support/pcap.ts';
import { receiverReport } from '../../support/rtcp.ts';
import { ethernet, ipv4, udp } from '../../support/udp-frame.ts';
import { isSip, payloadOf, Scenario } from '../media/scenario.ts';

// `node test/golden/hep/generate.ts` writes a capture of what came to a HEP server, and of media beside it, into captures/.

const LINKTYPE_ETHERNET = 1;
/** How late agents are. */
const AGENT_MICROS = 2000;

/** Where the golden captures are. */
export const captureFolder: string = join(import.meta.dirname, 'captures');

let identification = 0;

/** A HEP packet on its way to the server. */
function toServer(micros: number, hep: Uint8Array): PcapRecord {
  identification = (identification + 1) & 0xffff;
  const addresses = { source: '192.0.2.9', destination: '192.0.2.10', identification };
  const bytes = ethernet(0x0800, ipv4(addresses, udp({ sourcePort: 40_000, destinationPort: 9060 }, hep)));
  return { micros: micros + AGENT_MICROS, bytes };
}

/** What an agent makes of a frame with SIP; its addresses are not looked at here. */
function told(record: PcapRecord): PcapRecord {
  const { micros } = record;
  return toServer(micros, hepOf(payloadOf(record), { type: 1, micros }));
}

/** SIP by HEP: a call whose media is in the capture, one whose is not, and one on hold. RTCP by HEP in every form. */
function records(): PcapRecord[] {
  identification = 0;
  const scenario = new Scenario();
  const caller = '192.0.2.1:4000';
  const callee = '192.0.2.2:6000';
  scenario.answered(2, 'seen', caller, callee);
  scenario.talk(caller, callee, 2.1, 10);
  scenario.bye(10.1, 'seen');
  scenario.answered(2.5, 'unseen', '198.51.100.7:4000', '198.51.100.8:6000');
  scenario.bye(9, 'unseen');
  scenario.sip(2, 'held', { what: 'INVITE', voice: '198.51.100.9:4000', lines: ['a=sendonly'] });
  scenario.sip(3, 'held', { what: 200, method: 'INVITE', voice: '0.0.0.0:6000', lines: ['a=inactive'] });
  scenario.bye(8, 'held');
  const all = scenario.records.map((record) => (isSip(record) ? told(record) : record));
  const begin = scenario.records[0]!.micros;
  const rtcp = (seconds: number, payload: string | Uint8Array, isBack: boolean, type = 5): void => {
    const micros = begin + seconds * 1e6;
    all.push(toServer(micros, hepOf(payload, { type, isBack, micros, correlationId: 'seen' })));
  };
  const middle = 0x0001_8000;
  const block = { ssrc: 0xa, highest: 1100, jitter: 80, lastSenderReport: middle, delay: 0x8000 };
  rtcp(4, rtpengineReport({ ssrc: 0xa, ntp: ntpOf(middle), blocks: [{ ssrc: 0xb, highest: 1050 }] }), false);
  rtcp(4.54, heplifyReport({ ssrc: 0xb, blocks: [block] }), true);
  const next = { ...block, highest: 1200, cumulativeLost: 10, fractionLost: 26, delay: 0x1f333 };
  rtcp(6, receiverReport(0xb, [next]), true);
  rtcp(6.1, '{"ssrc":1', false);
  rtcp(6.2, 'a log', false, 100);
  rtcp(6.3, '{"MOS":4.2}', false, 34);
  return all.toSorted((a, b) => a.micros - b.micros);
}

/** Writes the golden capture and README.md into a folder, which is emptied before. */
export function generate(folder: string): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  writePcap(join(folder, 'media.pcap'), LINKTYPE_ETHERNET, records());
  const lines = [
    '# Golden captures of HEP',
    '',
    'Written by `node test/golden/hep/generate.ts`.',
    '',
    '- [media.pcap](media.pcap): SIP, RTCP, a log and a media report by HEP to port 9060, and the media of one call.',
  ];
  writeFileSync(join(folder, 'README.md'), `${lines.join('\n')}\n`);
}

if (import.meta.main) generate(captureFolder);
