// SPDX-License-Identifier: Apache-2.0
import { isIP } from 'node:net';
import { runCommand } from '../../support/command.ts';

// Session descriptions as tshark takes them apart, told in the words of `describe`: it splits lines, tokens, attributes,
// encoding names and candidates; what follows of them for a media line is said once more here, in strings.

type Field = readonly [name: string, value: string];

const codecByName: Record<string, string> = {
  cn: 'comfort_noise',
  'amr-wb': 'amr_wb',
  'gsm-efr': 'gsm_efr',
  'g726-24': 'g726',
  'g726-32': 'g726',
  'telephone-event': 'telephone_event',
};
const sameNames = [
  'pcmu',
  'pcma',
  'g722',
  'g729',
  'gsm',
  'ilbc',
  'amr',
  'evs',
  'opus',
  'speex',
  'l16',
  'red',
  'rtx',
];
for (const name of sameNames) codecByName[name] = name;
const staticTypes: Record<string, string> = {
  0: 'pcmu/8000',
  2: 'g726/8000',
  3: 'gsm/8000',
  4: 'g723/8000',
  8: 'pcma/8000',
  9: 'g722/8000',
  10: 'l16/44100',
  13: 'comfort_noise/8000',
  14: 'other/90000',
  15: 'g728/8000',
  18: 'g729/8000',
  19: 'comfort_noise/8000',
  31: 'video/90000',
};
const directions = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** The descriptions of a capture, a list for each frame. */
export async function tsharkDescriptions(file: string): Promise<string[][][]> {
  const pdml = await runCommand('tshark', ['-n', '-r', file, '-T', 'pdml']);
  return pdml
    .split('<packet>')
    .slice(1)
    .map((packet) =>
      packet
        .split('<proto name="sdp"')
        .slice(1)
        .map((proto) => told(fieldsOf(proto.split('</proto>')[0]!))),
    );
}

function fieldsOf(text: string): Field[] {
  const entities: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&amp;': '&' };
  const fields = text.matchAll(/<field name="(sdp\.[^"]*)".* show="([^"]*)"/g);
  return [...fields].map(([, name, value]) => [
    name!,
    value!.replace(/&\w+;/g, (entity) => entities[entity] ?? entity),
  ]);
}

/** Splits fields before each that has this name. */
function sections(fields: readonly Field[], name: string): Field[][] {
  const found: Field[][] = [[]];
  for (const field of fields) {
    if (field[0] === name) found.push([]);
    found.at(-1)!.push(field);
  }
  return found;
}

const firstOf = (fields: readonly Field[], name: string): string | undefined =>
  fields.find(([key]) => key === name)?.[1];

function told(fields: readonly Field[]): string[] {
  const [session, ...media] = sections(fields, 'sdp.media');
  return media.map((lines) => mediaTold(lines, session!));
}

/** Whole attributes, `name:value`. */
const attributesOf = (fields: readonly Field[]): string[] =>
  fields
    .filter(([name]) => name === 'sdp.media_attr' || name === 'sdp.session_attr')
    .map(([, value]) => value);

function expanded(address: string): string {
  if (isIP(address) !== 6) return address;
  const [before, behind] = address.split('::').map((part) => part.split(':').filter((group) => group !== ''));
  const zeros = behind === undefined ? [] : Array(8 - before!.length - behind.length).fill('0');
  return [...before!, ...zeros, ...(behind ?? [])]
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':');
}

function formatTold(type: string, kind: string, lines: readonly Field[]): string {
  const unexplained = kind === 'video' ? 'video/90000' : (staticTypes[type] ?? 'other/8000');
  const map = sections(lines, 'sdp.media_attr').find((attribute) =>
    attribute[0]![1].startsWith(`rtpmap:${type} `),
  );
  const name = map && firstOf(map, 'sdp.mime.type')?.toLowerCase();
  if (map === undefined || name === undefined) return `${type}:${unexplained}`;
  const codec = kind === 'video' && name !== 'rtx' ? 'video' : (codecByName[name] ?? 'other');
  const written = Number(firstOf(map, 'sdp.sample_rate'));
  const clocks: Record<string, number> = { g722: 8000, opus: 48_000 };
  return `${type}:${codec}/${clocks[codec] ?? (written > 0 ? written : 8000)}`;
}

function securityTold(transport: string, attributes: readonly string[]): string[] {
  const has = (name: string) => attributes.some((attribute) => attribute.startsWith(`${name}:`));
  if (transport.startsWith('UDP/TLS/')) return ['dtls'];
  if (has('crypto')) return ['sdes'];
  if (has('fingerprint')) return ['dtls'];
  return transport.includes('SAVP') ? ['sdes'] : [];
}

function candidatesTold(lines: readonly Field[]): string[] {
  return sections(lines, 'sdp.ice_candidate.foundation')
    .slice(1)
    .filter((c) => firstOf(c, 'sdp.ice_candidate.transport')?.toLowerCase() === 'udp')
    .filter((c) => isIP(firstOf(c, 'sdp.ice_candidate.address') ?? '') !== 0)
    .map((c) => {
      const value = (name: string) => firstOf(c, `sdp.ice_candidate.${name}`)!;
      return `candidate ${value('componentid')} ${expanded(value('address'))} ${value('port')}`;
    });
}

function mediaTold(lines: readonly Field[], session: readonly Field[]): string {
  const value = (name: string) => firstOf(lines, name)!;
  const all = [...attributesOf(session), ...attributesOf(lines)];
  const kind = ['audio', 'video', 'image'].includes(value('sdp.media.media'))
    ? value('sdp.media.media')
    : 'other';
  const transport = value('sdp.media.proto');
  const isRtp = /^(UDP\/TLS\/)?RTP\//i.test(transport);
  const port = Number(value('sdp.media.port'));
  const address =
    firstOf(lines, 'sdp.connection_info.address') ?? firstOf(session, 'sdp.connection_info.address') ?? '';
  const hasIce = all.some((attribute) => attribute.startsWith('ice-ufrag:'));
  const isNull = address === '0.0.0.0' || address === '::';
  const at = isIP(address) === 0 || (isNull && hasIce) ? 'nowhere' : expanded(address);
  const formats = isRtp ? value('sdp.media').trim().split(/ +/).slice(3) : [];
  const next = port === 0 || port === 65_535 ? 0 : port + 1;
  const rtcp = all
    .find((attribute) => attribute.startsWith('rtcp:'))
    ?.slice(5)
    .split(' ');
  const rtcpPort = port === 0 ? 0 : Number(rtcp?.[0] ?? next);
  const rtcpAddress = rtcp?.[3] === undefined || rtcp[3] === '0.0.0.0' ? at : expanded(rtcp[3]);
  const isUsual = rtcpPort === (port === 0 ? 0 : port + 1);
  const ptime = all.find((attribute) => attribute.startsWith('ptime:'))?.slice(6);
  const words = [
    kind,
    at,
    `${port}`,
    all.findLast((attribute) => directions.includes(attribute)) ?? 'sendrecv',
  ];
  if (!isRtp) words.push('no-rtp');
  words.push(...formats.map((type) => formatTold(type, kind, lines)));
  if (at !== 'nowhere' && rtcpAddress !== at) words.push(`rtcp ${rtcpAddress} ${rtcpPort}`);
  else if (!isUsual) words.push(`rtcp ${rtcpPort}`);
  if (all.includes('rtcp-mux')) words.push('mux');
  if (isNull && !hasIce) words.push('hold');
  if (ptime !== undefined) words.push(`ptime ${ptime}`);
  return [...words, ...securityTold(transport, all), ...candidatesTold(lines)].join(' ');
}
