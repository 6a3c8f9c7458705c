// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { SocketAddress } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { Frame, LinkType } from '../../../src/base/frame.ts';
import { Datagram } from '../../../src/decode/datagram.ts';
import { DecodeResult, decodeReasonNames } from '../../../src/decode/decode-result.ts';
import { decodeFrame } from '../../../src/decode/frame-decoder.ts';
import { type PcapRecord, readPcap } from '../../support/pcap.ts';
import { type ExpectedDatagram, goldenCaptures } from './cases.ts';
import { generate } from './generate.ts';

const folder = import.meta.dirname;
const linkTypes: Record<string, LinkType> = {
  'ethernet.pcap': LinkType.ethernet,
  'tunnels.pcap': LinkType.ethernet,
  'raw-ip.pcap': LinkType.rawIp,
  'linux-cooked.pcap': LinkType.linuxCooked,
  'linux-cooked2.pcap': LinkType.linuxCooked2,
  'null.pcap': LinkType.loopback,
  'loop.pcap': LinkType.loopback,
};

interface ExpectedFrame {
  file: string;
  name: string;
  expected: ExpectedDatagram | string;
}
const expectedFrames: ExpectedFrame[] = readFileSync(join(folder, 'expected.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line));

test('the committed captures and expectations are what the generator writes', () => {
  const fresh = mkdtempSync(join(tmpdir(), 'ringtap-golden-decode-'));
  try {
    generate(fresh);
    for (const file of readdirSync(fresh)) {
      assert.ok(readFileSync(join(fresh, file)).equals(readFileSync(join(folder, file))), file);
    }
  } finally {
    rmSync(fresh, { recursive: true });
  }
});

for (const { file } of goldenCaptures) {
  const frames = expectedFrames.filter((one) => one.file === file);

  test(`${file}: decodeFrame finds what is expected`, () => {
    const records = readPcap(join(folder, file));
    assert.equal(records.length, frames.length);
    for (const [index, record] of records.entries()) {
      const { name, expected } = frames[index]!;
      assert.deepEqual(decode(record, linkTypes[file]!), expected, name);
    }
  });

  test(`${file}: tshark finds the same datagrams`, () => {
    const judged = judgeByTshark(join(folder, file));
    assert.equal(judged.length, frames.length);
    for (const [index, verdict] of judged.entries()) {
      const { name, expected } = frames[index]!;
      const isDatagram = typeof expected !== 'string';
      // tshark shows the ports of the tunnel where there is nothing in it.
      const isFound = verdict !== undefined && (isDatagram || !tunnelPorts.has(verdict.destinationPort));
      const disagreement = isDatagram !== isFound;
      assert.equal(disagreement, knownDisagreements.has(name), `${name}: ${JSON.stringify(verdict)}`);
      if (isDatagram && verdict !== undefined) assert.deepEqual(verdict, expected, name);
    }
  });
}

test('every reason has a golden frame', () => {
  const seen = new Set(
    expectedFrames.map(({ expected }) => (typeof expected === 'string' ? expected : 'datagram')),
  );
  // The pipeline says these, or the decoder to itself.
  const others = new Set(['other_port', 'tunnel', 'nested_fragment']);
  assert.deepEqual([...seen].sort(), decodeReasonNames.filter((name) => !others.has(name)).sort());
});

/** Destination ports of VXLAN, Geneve and GTP-U. */
const tunnelPorts = new Set([2152, 4789, 6081, 8472]);

/** Frames which tshark and ringtap judge differently on purpose. */
const knownDisagreements = new Set([
  // tshark takes the rest of any packet, RFC 2675 §4 only that of one above 65535 bytes.
  'IPv6: UDP length 0',
  // tshark stops at these headers, behind which today's senders put nothing (RFC 6275 §6.1.1).
  'IPv6: mobility',
  'IPv6: host identity',
  // Limits of ringtap.
  'IPv6: nine extension headers',
  'three tags',
  'five deep',
  'GTP-U with too many extension headers',
  'MPLS, too many labels',
  // tshark goes by the version, against the EtherType or the protocol.
  'IPv4 announced, IPv6 there',
  'IPIP: IPv6 in it',
  // tshark reads no VLAN tag right behind GRE and no IP packet right behind ERSPAN.
  'GRE with a VLAN tag',
  'ERSPAN III with IP',
  // tshark takes the control word for the beginning of a MAC address.
  'MPLS pseudowire',
  // A session of Ethernet (3GPP TS 29.281 §4.2.1) is not read.
  'GTP-U with Ethernet',
  // tshark warns where ringtap refuses, or ringtap takes what tshark warns of.
  'GTP-U longer than its datagram',
  'PPPoE of version 2',
  'PPPoE with padding',
  // To ringtap what does not begin like the tunnel is a datagram to a port like any other.
  'VXLAN without its flag',
  'Geneve of version 1',
]);

function decode(record: Required<PcapRecord>, linkType: LinkType): ExpectedDatagram | string {
  const frame = new Frame();
  frame.bytes = record.bytes;
  frame.capturedLength = record.bytes.length;
  frame.originalLength = record.originalLength;
  frame.linkType = linkType;
  const datagram = new Datagram();
  const result = decodeFrame(frame, datagram);
  if (result !== DecodeResult.datagram) return decodeReasonNames[result]!;
  const { payloadOffset, payloadLength } = datagram;
  return {
    source: addressText(datagram.sourceAddress, datagram.ipVersion),
    destination: addressText(datagram.destinationAddress, datagram.ipVersion),
    sourcePort: datagram.sourcePort,
    destinationPort: datagram.destinationPort,
    payload: String.fromCharCode(...datagram.bytes.subarray(payloadOffset, payloadOffset + payloadLength)),
    ipIdentification: datagram.ipIdentification,
    udpChecksum: datagram.udpChecksum,
    vlanTci: datagram.vlanTci,
  };
}

function addressText(words: Int32Array, ipVersion: 4 | 6): string {
  const groups = [...words].flatMap((word) => [word >>> 16, word & 0xffff]);
  if (ipVersion === 6) {
    const address = groups.map((group) => group.toString(16)).join(':');
    return new SocketAddress({ address, family: 'ipv6' }).address;
  }
  assert.deepEqual(groups.slice(0, 6), [0, 0, 0, 0, 0, 0xffff]);
  return groups
    .slice(6)
    .flatMap((group) => [group >> 8, group & 0xff])
    .join('.');
}

const tsharkFields = [
  ['ip.src', 'ipv6.src', 'ip.dst', 'ipv6.dst', 'udp.srcport', 'udp.dstport', 'udp.length', 'udp.payload'],
  ['frame.protocols', 'ip.id', 'udp.checksum', 'ieee8021ad.priority', 'ieee8021ad.dei', 'ieee8021ad.id'],
  ['vlan.priority', 'vlan.dei', 'vlan.id', '_ws.malformed'],
].flat();

/** What tshark makes of each frame: a whole and sound UDP datagram, or nothing. */
function judgeByTshark(path: string): (ExpectedDatagram | undefined)[] {
  const fields = tsharkFields.flatMap((field) => ['-e', field]);
  const offload = ['-o', 'ip.tso_support:TRUE', '-o', 'ipv6.tso_support:TRUE', '-d', 'udp.port==8472,vxlan'];
  const output = execFileSync(
    'tshark',
    ['-r', path, ...offload, '-T', 'fields', '-E', 'occurrence=a', ...fields],
    {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  return output
    .slice(0, -1)
    .split('\n')
    .map((line) => {
      const texts = line.split('\t');
      const all = (name: string): string[] => texts[tsharkFields.indexOf(name)]!.split(',');
      // In tunnels the last one is that of the innermost packet.
      const field = (name: string): string => all(name).at(-1)!;
      const version = field('frame.protocols').match(/^.*:(ipv6|ip)\b/)?.[1];
      const payload = Buffer.from(field('udp.payload'), 'hex');
      if (field('udp.srcport') === '' || field('_ws.malformed') !== '') return undefined;
      // The field goes on to the end of the packet; a length of 0 means just that to tshark.
      const payloadLength =
        Number(field('udp.length')) === 0 ? payload.length : Number(field('udp.length')) - 8;
      if (payload.length < payloadLength) return undefined;
      return {
        source: field(`${version}.src`),
        destination: field(`${version}.dst`),
        sourcePort: Number(field('udp.srcport')),
        destinationPort: Number(field('udp.dstport')),
        payload: payload.toString('latin1', 0, payloadLength),
        ipIdentification: version === 'ip' ? Number(field('ip.id')) : 0,
        udpChecksum: Number(field('udp.checksum')),
        vlanTci: outermostTci((name) => all(name)[0]!),
      };
    });
}

function outermostTci(field: (name: string) => string): number {
  const tag = field('ieee8021ad.id') === '' ? 'vlan' : 'ieee8021ad';
  if (field(`${tag}.id`) === '') return -1;
  const [priority, dei, id] = ['priority', 'dei', 'id'].map((part) => Number(field(`${tag}.${part}`)));
  return (priority! << 13) | (dei! << 12) | id!;
}
