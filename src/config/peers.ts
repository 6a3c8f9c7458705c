// SPDX-License-Identifier: Apache-2.0
import type { PeerAddress } from '../state/state-limits.ts';
import { addressWords } from './address-words.ts';
import { ConfigError } from './values.ts';

const MAX_PEERS = 64;

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
  const address = ipv6?.includes(':') === false ? undefined : addressWords(ipv6 ?? ipv4 ?? '');
  if (match === null || address === undefined || port > 65535 || (portText !== undefined && port === 0)) {
    throw new ConfigError(
      `${option} takes NAME=ADDRESS[:PORT], such as proxy=192.0.2.1:5060 or proxy=[2001:db8::1]:5060, ` +
        `with a name of letters, digits, "_", "." and "-" (at most 63) and a port of 1 to 65535, not "${text}"`,
    );
  }
  return { name: match[1]!, address, port };
}
