// SPDX-License-Identifier: Apache-2.0

/** A socket address and how it is spoken to. */
export interface HepAddress {
  readonly transport: 'udp' | 'tcp';
  /** Name or address, without brackets. */
  readonly host: string;
  /** 0..65535; 0 takes any free port. */
  readonly port: number;
}

/** `udp:127.0.0.1:9060`, `tcp:[::1]:9060`. */
export function hepAddressText({ transport, host, port }: HepAddress): string {
  return `${transport}:${host.includes(':') ? `[${host}]` : host}:${port}`;
}

/** Addresses that begin alike. */
export interface Subnet {
  readonly family: 'ipv4' | 'ipv6';
  readonly address: string;
  readonly prefixLength: number;
}

/** What the receiving of HEP can be told; all of it survives structured cloning. */
export interface HepInputOptions {
  readonly listenAddresses: readonly HepAddress[];
  /** Who may send; empty: whoever can. */
  readonly allowed: readonly Subnet[];
  /** Empty: none is asked for. */
  readonly authKey: Uint8Array;
  /** Names of agents by their node id: the label `interface` of what they send. */
  readonly nodes: readonly (readonly [nodeId: number, name: string])[];
  /** TCP connections of one listen address. */
  readonly maxConnections: number;
  readonly maxPacketBytes: number;
  /** A connection without any byte for so long is closed. */
  readonly idleMicros: number;
  /** From the first byte of a packet to its last. */
  readonly packetMicros: number;
  /** How far an agent's clock may be from ours. */
  readonly clockToleranceMicros: number;
}

/** What the sending of HEP can be told. */
export interface HepOutputOptions {
  readonly target: HepAddress;
  readonly nodeId: number;
  /** Empty: none is sent. */
  readonly authKey: Uint8Array;
  readonly queueBytes: number;
}
