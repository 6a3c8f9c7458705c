// SPDX-License-Identifier: Apache-2.0
import fc from 'fast-check';
import { ascii, ethernet, ipv4, udp } from '../support/udp-frame.ts';

/** One message of random traffic, and how long after the one before it came. */
export interface Step {
  /** Negative when time goes back. */
  readonly waitMicros: number;
  readonly interfaceIndex: number;
  readonly frame: Uint8Array;
  /** What is in the frame, to be shown where a property fails. */
  readonly text: string;
}

/** Who a message belongs to. */
interface Identity {
  readonly callId: number;
  /** 0 is a peer that gives no tag (RFC 2543). */
  readonly from: number;
  readonly to: number;
  readonly user: number;
  readonly branch: number;
  readonly hops: number;
  readonly cseq: number;
  readonly source: number;
  readonly destination: number;
}

/** A message as drawn by lot: `relatesTo` may put the identity of an earlier one in place of its own. */
interface Lot {
  readonly identity: Identity;
  /** 0 stands alone; n belongs to the nth last request. */
  readonly relatesTo: number;
  readonly method: string;
  /** 0 for a request. */
  readonly code: number;
  readonly extra: readonly string[];
  readonly waitMicros: number;
  readonly interfaceIndex: number;
  readonly identification: number;
  readonly damage: readonly [number, number] | undefined;
  /** Comes so many times, each in the same datagram. */
  readonly copies: number;
}

const methods = [
  'INVITE',
  'ACK',
  'CANCEL',
  'BYE',
  'UPDATE',
  'PRACK',
  'REGISTER',
  'OPTIONS',
  'MESSAGE',
  'FOO',
];
const commonMethods = ['INVITE', 'INVITE', 'INVITE', 'BYE', 'REGISTER', 'REGISTER', 'CANCEL', 'UPDATE'];
const commonCodes = [100, 180, 183, 200, 200, 200, 200, 401, 407, 486, 487];
const rareCodes = [199, 202, 302, 408, 422, 423, 480, 481, 491, 500, 503, 603, 606, 699, 700];

const extraLines = fc.subarray(
  [
    'Contact: <sip:a@h1>;expires=60, <sip:a@h2>, <sip:a@h3>;expires=7000, <sip:a@h4>',
    'Contact: <sip:a@h5>;expires=4000000000',
    'm: <sip:a@h1>;expires=0',
    'Contact: *',
    'Expires: 0',
    'Expires: 600',
    'Session-Expires: 90;refresher=uac',
    'x: 4294967296',
    'Reason: Q.850;cause=16, SIP;cause=200',
    'RSeq: 7',
    'WWW-Authenticate: Digest realm="x", stale=true',
  ],
  { maxLength: 3 },
);

const SECOND = 1e6;
/** From within the duplicate window to beyond every limit, most of them short; and a clock that is set back. */
const waits = fc.oneof(
  { weight: 50, arbitrary: fc.constantFrom(0, 1, 30_000, 60_000, 500_000, 2 * SECOND) },
  { weight: 4, arbitrary: fc.constantFrom(6 * SECOND, 11 * SECOND, 33 * SECOND, 213 * SECOND) },
  { weight: 1, arbitrary: fc.constantFrom(3700 * SECOND, 90_000 * SECOND) },
  { weight: 2, arbitrary: fc.constantFrom(-1, -90_000, -250_000, -3 * SECOND, -3600 * SECOND, -1e15) },
);

const hosts = ['192.0.2.1', '192.0.2.2', '198.51.100.3'];

/** Of everything few, so that all of it collides: calls, tags, branches, addresses, IP identifications. */
const lots: fc.Arbitrary<Lot> = fc.record({
  identity: fc.record({
    callId: fc.oneof(fc.nat(2), fc.nat(12)),
    from: fc.nat(2),
    to: fc.nat(2),
    user: fc.nat(4),
    branch: fc.nat(3),
    hops: fc.constantFrom(0, 0, 0, 1, 2),
    cseq: fc.constantFrom(1, 1, 2, 3, 2_147_483_647),
    source: fc.nat(hosts.length - 1),
    destination: fc.nat(hosts.length - 1),
  }),
  relatesTo: fc.nat(5),
  method: fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...commonMethods) },
    { weight: 1, arbitrary: fc.constantFrom(...methods) },
  ),
  code: fc.oneof(
    { weight: 8, arbitrary: fc.constant(0) },
    { weight: 9, arbitrary: fc.constantFrom(...commonCodes) },
    { weight: 2, arbitrary: fc.constantFrom(...rareCodes) },
  ),
  extra: extraLines,
  waitMicros: waits,
  interfaceIndex: fc.nat(1),
  identification: fc.nat(3),
  damage: fc.oneof(
    { weight: 30, arbitrary: fc.constant(undefined) },
    { weight: 1, arbitrary: fc.tuple(fc.nat(400), fc.nat(255)) },
  ),
  copies: fc.constantFrom(1, 1, 1, 1, 2),
});

/** Messages of all kinds that have much to do with each other, as no peer would send them. */
export const randomTraffic: fc.Arbitrary<Step[]> = fc
  .array(lots, { maxLength: 300, size: 'max' })
  .map(stepsOf);

/** Gives messages the identity of those they belong to. */
function stepsOf(drawn: readonly Lot[]): Step[] {
  const requests: Lot[] = [];
  /** The To tag of the last response of a call. */
  const toTags = new Map<number, number>();
  return drawn.flatMap((lot) => {
    const related = relate(lot, requests.at(-lot.relatesTo), toTags);
    if (related.code === 0) requests.push(related);
    else toTags.set(related.identity.callId, related.identity.to);
    const step = stepOf(related);
    return Array.from({ length: lot.copies }, (_, copy) =>
      copy === 0 ? step : { ...step, waitMicros: 20_000 },
    );
  });
}

function relate(lot: Lot, request: Lot | undefined, toTags: ReadonlyMap<number, number>): Lot {
  if (lot.relatesTo === 0 || request === undefined) return lot;
  const { identity, method } = request;
  const { to, branch, cseq } = lot.identity;
  if (lot.code !== 0) {
    const { source, destination } = identity;
    return { ...lot, method, identity: { ...identity, to, source: destination, destination: source } };
  }
  if (lot.method === 'CANCEL') return { ...lot, identity };
  // Another branch of the same INVITE, the INVITE that a challenge asks for, or a request in the dialog.
  const isInDialog = lot.method !== 'REGISTER' && (lot.method !== 'INVITE' || to === 0);
  const toTag = isInDialog ? (toTags.get(identity.callId) ?? 0) : 0;
  return { ...lot, identity: { ...identity, branch, cseq, to: toTag } };
}

function stepOf({ identity, method, code, extra, damage, ...lot }: Lot): Step {
  const { callId, from, to, user, branch, hops, cseq } = identity;
  const text = [
    code === 0 ? `${method} sip:b@x SIP/2.0` : `SIP/2.0 ${code} X`,
    ...Array.from({ length: hops }, (_, hop) => `Via: SIP/2.0/UDP p${hop};branch=z9hG4bKp${hop}${branch}`),
    `Via: SIP/2.0/UDP h;branch=z9hG4bKb${branch}`,
    `From: <sip:a@x>${from === 0 ? '' : `;tag=a${from}`}`,
    `To: <sip:u${user}@x>${to === 0 ? '' : `;tag=b${to}`}`,
    `Call-ID: c${callId}`,
    `CSeq: ${cseq} ${method}`,
    ...extra,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
  const payload = ascii(text);
  if (damage !== undefined && damage[0] < payload.length) payload[damage[0]] = damage[1];
  const [source, destination] = [hosts[identity.source]!, hosts[identity.destination]!];
  const { identification, waitMicros, interfaceIndex } = lot;
  const datagram = udp({ destinationPort: 5060 }, payload);
  const way = `${source} > ${destination} id ${identification} interface ${interfaceIndex}`;
  return {
    waitMicros,
    interfaceIndex,
    frame: ethernet(0x0800, ipv4({ source, destination, identification }, datagram)),
    text: `after ${waitMicros / SECOND} s, ${way}${damage === undefined ? '' : `, damaged at ${damage}`}\n${text}`,
  };
}
