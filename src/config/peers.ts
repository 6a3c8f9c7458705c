// SPDX-License-Identifier: Apache-2.0
import { isIPv4, isIPv6 } from 'node:net';
import type { PeerAddress } from '../state/state-limits.ts';
import { ConfigError } from './values.ts';

const MAX_PEERS = 64;
/** Third word of an IPv4 address in mapped form (RFC 4291 §2.5.5.2). */
const MAPPED_PREFIX = 0xffff;

/**
 * Reads `NAME=ADDRESS[:PORT]`, once for each peer: `proxy=192.0.2.1`, `proxy=192.0.2.1:5060`,
 * `proxy=[2001:db8::1]:5060`. Throws ConfigError.
 */
export function parsePeers(option: string, texts: readonly string[]): PeerAddress[] {
  if (texts.length > MAX_PEERS) throw new ConfigError(`${option} may be given at most ${MAX_PEERS} times`);
  const peers: PeerAddress[] = [];
  for (const text of texts) {
    const peer = parsePeer(option, text);
    for (const other of peers) {
      if (other.name === peer.name) throw new ConfigError(`${option} names "${peer.name}" twice`);
      if (other.port === peer.port && other.address.join() === peer.address.join()) {
        throw new ConfigError(`${option} gives "${other.name}" and "${peer.name}" the same address and port`);
      }
    }
    peers.push(peer);
  }
  return peers;
}

function parsePeer(option: string, text: string): PeerAddress {
  const match =
    /^([A-Za-z0-9_.-]{1,63})=(?:\[([0-9A-Fa-f:.]+)\](?::(\d{1,5}))?|([\d.]+)(?::(\d{1,5}))?|([0-9A-Fa-f:.]+))$/.exec(
      text,
    );
  const ipv6 = match?.[2] ?? match?.[6];
  const ipv4 = match?.[4];
  const portText = match?.[3] ?? match?.[5];
  const port = Number(portText ?? 0);
  const address =
    ipv6 !== undefined && isIPv6(ipv6)
      ? ipv6Words(ipv6)
      : ipv4 !== undefined && isIPv4(ipv4)
        ? [0, 0, MAPPED_PREFIX, ipv4Word(ipv4)]
        : undefined;
  if (match === null || address === undefined || port > 65535 || (portText !== undefined && port === 0)) {
    throw new ConfigError(
      `${option} takes NAME=ADDRESS[:PORT], such as proxy=192.0.2.1:5060 or proxy=[2001:db8::1]:5060, ` +
        `with a name of letters, digits, "_", "." and "-" (at most 63) and a port of 1 to 65535, not "${text}"`,
    );
  }
  return { name: match[1]!, address, port };
}

/** A valid IPv4 address as a signed big-endian word. */
function ipv4Word(text: string): number {
  return text.split('.').reduce((word, part) => (word << 8) | Number(part), 0);
}

/** A valid IPv6 address, with `::` and an IPv4 tail as they come, as four signed big-endian words. */
function ipv6Words(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const first = groupsOf(head);
  const last = groupsOf(tail ?? '');
  const groups = [...first, ...new Array<number>(8 - first.length - last.length).fill(0), ...last];
  return [0, 2, 4, 6].map((i) => (groups[i]! << 16) | groups[i + 1]!);
}

function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return Number.parseInt(group, 16);
    const word = ipv4Word(group);
    return [word >>> 16, word & 0xffff];
  });
}
