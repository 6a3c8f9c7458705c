// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';

/** A session description written in any legal way, and what `describe` tells of it. */
export interface LegalDescription {
  readonly text: string;
  readonly expected: readonly string[];
  /** And `describeRated`. */
  readonly rated: readonly string[];
}

const optional = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
  fc.option(arbitrary, { nil: undefined });
const port = fc.integer({ min: 1, max: 65_534 });
const direction = fc.constantFrom('sendrecv', 'sendonly', 'recvonly', 'inactive');

/** An address as it is written behind `IN`, and as it is told. */
const address = fc.oneof(
  fc
    .ipV4()
    .filter((text) => text !== '0.0.0.0')
    .map((text) => ({ written: `IP4 ${text}`, told: text })),
  fc.array(fc.integer({ min: 1, max: 0xffff }), { minLength: 8, maxLength: 8 }).map((groups) => {
    const text = groups.map((group) => group.toString(16)).join(':');
    return { written: `IP6 ${text}`, told: text };
  }),
);

const codecs = [
  ['PCMU/8000', 'pcmu/8000'],
  ['pcma/8000/1', 'pcma/8000'],
  ['opus/48000/2', 'opus/48000'],
  ['AMR-WB/16000', 'amr_wb/16000'],
  ['telephone-event/16000', 'telephone_event/16000'],
  ['X-own/32000', 'other/32000'],
  ['iLBC/8000', 'ilbc/8000'],
  ['AMR/8000', 'amr/8000'],
  ['G726-24/8000', 'g726/8000'],
] as const;

type FormatCodec = (typeof codecs)[number];
/** Parameters of formats by the encoding, and how it is rated by them. */
const parameters: Readonly<Record<string, readonly (readonly [text: string | undefined, rated: string])[]>> =
  {
    'opus/48000': [
      [undefined, 'opus'],
      ['minptime=10; useinbandfec=1', 'opus'],
      ['maxplaybackrate=8000; stereo=0', 'opusNarrow'],
      ['stereo=0;maxaveragebitrate=12000', 'opusLow'],
      ['maxplaybackrate=12000', 'opusLow'],
      ['MaxAverageBitrate = 40000 ; maxplaybackrate=48000', 'opus'],
    ],
    'amr_wb/16000': [
      [undefined, 'amr_wb'],
      ['octet-align=1', 'amr_wb'],
      ['mode-set=0,1,2; octet-align=1', 'amr_wb mode 2'],
      ['octet-align=1;mode-set = 8', 'amr_wb mode 8'],
      ['mode-set=9', 'amr_wb'],
    ],
    'amr/8000': [
      [undefined, 'amr'],
      ['mode-set=7,0, 5;mode-change-period=2', 'amr mode 7'],
      ['MODE-SET=0', 'amr mode 0'],
      ['mode-set=8', 'amr'],
    ],
    'ilbc/8000': [
      [undefined, 'ilbc'],
      ['mode=20', 'ilbc20'],
      ['mode=30', 'ilbc'],
    ],
    'g726/8000': [
      [undefined, 'g726At24'],
      ['mode=20', 'g726At24'],
    ],
    'telephone_event/16000': [['0-16', 'telephone_event']],
  };
const formatOf = (
  type: number,
): fc.Arbitrary<readonly [number, FormatCodec, readonly [string | undefined, string]]> =>
  fc
    .constantFrom(...codecs)
    .chain((codec) =>
      fc.tuple(
        fc.constant(type),
        fc.constant(codec),
        fc.constantFrom(...(parameters[codec[1]] ?? [[undefined, codec[1].split('/')[0]!] as const])),
      ),
    );
const dynamicFormats = fc
  .uniqueArray(fc.integer({ min: 96, max: 127 }), { maxLength: 8 })
  .chain((types) => fc.tuple(...types.map(formatOf)));
const staticFormats = fc.uniqueArray(
  fc.constantFrom('0:pcmu/8000', '8:pcma/8000', '9:g722/8000', '18:g729/8000'),
);

const candidate = fc.tuple(fc.constantFrom(1, 2), address, port, fc.constantFrom('host', 'srflx', 'relay'));

const security = fc.constantFrom(
  { transport: 'RTP/AVP', line: undefined, told: '' },
  {
    transport: 'RTP/SAVP',
    line: 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj',
    told: ' sdes',
  },
  {
    transport: 'RTP/AVP',
    line: 'a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:d0RmdmcmVCspeEc3QGZiNWpVLFJhQX1cfHAwJSoj',
    told: ' sdes',
  },
  { transport: 'UDP/TLS/RTP/SAVPF', line: 'a=fingerprint:sha-1 00', told: ' dtls' },
  { transport: 'RTP/SAVPF', line: 'a=fingerprint:sha-1 00', told: ' dtls' },
);

const media = fc.record({
  port,
  portCount: optional(fc.integer({ min: 1, max: 9 })),
  connection: optional(address),
  connectionSuffix: fc.constantFrom('', '/127', '/127/3'),
  direction: optional(direction),
  rtcp: optional(fc.tuple(port, optional(address))),
  isMux: fc.boolean(),
  ptime: optional(fc.integer({ min: 1, max: 200 })),
  staticFormats,
  dynamicFormats,
  candidates: fc.array(candidate, { maxLength: 5 }),
  security,
});

const session = fc.record({
  connection: optional(address),
  direction: optional(direction),
  media: fc.array(media, { maxLength: 4 }),
});

/** Lines that say nothing here, and such that are garbage; they may stand anywhere behind the first line. */
const noise = fc.constantFrom(
  's=-',
  't=0 0',
  'b=AS:64',
  'i=a=inactive',
  'a=fmtp:200 mode=20;a=sendonly',
  'a=rtcp-fb:* nack',
  'a=mid:1',
  'a=x',
  'garbage',
  ' m=audio 1 RTP/AVP 0',
  'M=audio 1 RTP/AVP 0',
  '=',
  '',
  'a',
);
const lineEnd = fc.constantFrom('\r\n', '\r\n', '\n', ' \r\n');

type Media = ReturnType<typeof media.generate>['value'];
type Session = ReturnType<typeof session.generate>['value'];

function mediaLines(m: Media): string[] {
  const types = [
    ...m.staticFormats.map((format) => format.split(':')[0]),
    ...m.dynamicFormats.map(([type]) => type),
  ];
  const suffix = m.connection?.written.startsWith('IP4') === true ? m.connectionSuffix : '';
  const count = m.portCount === undefined ? '' : `/${m.portCount}`;
  const [rtcpPort, rtcpAddress] = m.rtcp ?? [];
  const lines = [
    ...(m.connection === undefined ? [] : [`c=IN ${m.connection.written}${suffix}`]),
    ...(m.direction === undefined ? [] : [`a=${m.direction}`]),
    ...(m.rtcp === undefined
      ? []
      : [`a=rtcp:${rtcpPort}${rtcpAddress === undefined ? '' : ` IN ${rtcpAddress.written}`}`]),
    ...(m.isMux ? ['a=rtcp-mux'] : []),
    ...(m.ptime === undefined ? [] : [`a=ptime:${m.ptime}`]),
    ...(m.security.line === undefined ? [] : [m.security.line]),
    ...m.dynamicFormats.map(([type, [written]]) => `a=rtpmap:${type} ${written}`),
    ...m.dynamicFormats.flatMap(([type, , [text]]) => (text === undefined ? [] : [`a=fmtp:${type} ${text}`])),
  ];
  return [`m=audio ${m.port}${count} ${m.security.transport} ${types.join(' ')}`, ...lines];
}

const candidateLines = (m: Media): string[] =>
  m.candidates.map(
    ([component, at, to, type], index) =>
      `a=candidate:${index} ${component} UDP 1 ${at.written.slice(4)} ${to} typ ${type}`,
  );

function mediaTold(m: Media, s: Session): string {
  const at = m.connection?.told ?? s.connection?.told ?? 'nowhere';
  const [rtcpPort, rtcpAddress] = m.rtcp ?? [];
  const formats = [...m.staticFormats, ...m.dynamicFormats.map(([type, [, told]]) => `${type}:${told}`)];
  const to = rtcpPort ?? m.port + 1;
  let rtcp = '';
  if (at !== 'nowhere' && rtcpAddress !== undefined && rtcpAddress.told !== at)
    rtcp = ` rtcp ${rtcpAddress.told} ${to}`;
  else if (to !== m.port + 1) rtcp = ` rtcp ${to}`;
  return [
    `audio ${at} ${m.port} ${m.direction ?? s.direction ?? 'sendrecv'}`,
    ...formats.map((format) => ` ${format}`),
    rtcp,
    m.isMux ? ' mux' : '',
    m.ptime === undefined ? '' : ` ptime ${m.ptime}`,
    m.security.told,
    ...m.candidates.map(([component, address, port]) => ` candidate ${component} ${address.told} ${port}`),
  ].join('');
}

/** Mixes lists without changing the order within the first. */
const merged = (lines: readonly string[], places: readonly number[], others: readonly string[]): string[] => {
  const all = [...lines];
  for (const [i, other] of others.entries()) all.splice(1 + (places[i]! % all.length), 0, other);
  return all;
};

const places = fc.array(fc.nat(), { minLength: 40, maxLength: 40 });

/** Descriptions of up to four audio lines, with other lines among theirs. */
const descriptions = (
  noises: fc.Arbitrary<string[]>,
  lineEnds: fc.Arbitrary<string>,
): fc.Arbitrary<LegalDescription> =>
  fc.tuple(session, noises, places, lineEnds).map(([s, others, at, end]) => {
    const head = [
      'v=0',
      `o=- 1 2 IN IP4 192.0.2.1`,
      ...(s.connection === undefined ? [] : [`c=IN ${s.connection.written}`]),
      ...(s.direction === undefined ? [] : [`a=${s.direction}`]),
    ];
    const body = s.media.flatMap((m, index) => {
      const [first, ...rest] = mediaLines(m);
      // Attributes of a media line in any order, but candidates in theirs.
      const turned = rest.map((_, i) => rest[(i + at[index]!) % rest.length]!);
      return merged([first!, ...candidateLines(m)], at.slice(index), turned);
    });
    const lines = merged([...head, ...body], at.slice(20), others);
    return {
      text: lines.join(end) + end,
      expected: s.media.map((m) => mediaTold(m, s)),
      rated: s.media.map((m) =>
        [
          ...m.staticFormats.map((format) => format.split('/')[0]!),
          ...m.dynamicFormats.map(([type, , [, rated]]) => `${type}:${rated}`),
        ].join(' '),
      ),
    };
  });

/** Any description of up to four audio lines, with garbage between them. */
export const legalDescriptions: fc.Arbitrary<LegalDescription> = descriptions(
  fc.array(noise, { maxLength: 8 }),
  lineEnd,
);
/** The same without what upsets other programs. */
export const tidyDescriptions: fc.Arbitrary<LegalDescription> = descriptions(
  fc.constant([]),
  fc.constantFrom('\r\n', '\n'),
);
