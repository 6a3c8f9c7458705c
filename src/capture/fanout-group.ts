// SPDX-License-Identifier: Apache-2.0
import { readFileSync } from 'node:fs';
import type { SpreadKey } from '../base/spread.ts';
import { type LoadedBpfObject, loadBpfObject, updateMap } from '../ebpf/bpf-loader.ts';
import { parseBpfObject } from '../ebpf/bpf-object.ts';
import { bindPacketSocket, getSocketOption, Packet, setSocketOption } from '../sys/socket.ts';

const OBJECT_FILE = new URL('../../bpf/build/sip_fanout.bpf.o', import.meta.url);
const PROGRAM_NAME = 'sip_fanout';
const EVERY_INTERFACE = 0;
const MAX_GROUP_ID = 0xffff;

/** Loads the program that chooses the worker of a packet. Throws SystemError, VerifierError. */
export function loadFanout({ seed, multiplier }: SpreadKey): LoadedBpfObject {
  const loaded = loadBpfObject(parseBpfObject(readFileSync(OBJECT_FILE)));
  const value = Uint32Array.of(seed, multiplier);
  updateMap(loaded.map('spread_key'), new Uint8Array(4), new Uint8Array(value.buffer));
  return loaded;
}

/**
 * Lets sockets share the packets of all interfaces, each getting those whose hash modulo the number of sockets is its
 * place in `descriptors`. Until the last has joined the shares are others: their filter should pass nothing before.
 * Throws SystemError.
 */
export function joinFanoutGroup(descriptors: readonly number[], fanout: LoadedBpfObject): void {
  const [first] = descriptors;
  const { SOL_PACKET, PACKET_FANOUT, PACKET_FANOUT_DATA, PACKET_FANOUT_EBPF, PACKET_FANOUT_FLAG_UNIQUEID } =
    Packet;
  // The kernel finds a number that no other group of the network namespace has.
  let group = (PACKET_FANOUT_EBPF | PACKET_FANOUT_FLAG_UNIQUEID) << 16;
  for (const descriptor of descriptors) {
    bindPacketSocket(descriptor, EVERY_INTERFACE);
    setSocketOption(descriptor, SOL_PACKET, PACKET_FANOUT, Uint32Array.of(group), 'join a fanout group');
    if (descriptor !== first) continue;
    const given = new Uint32Array(1);
    getSocketOption(descriptor, SOL_PACKET, PACKET_FANOUT, given, 'read the number of a fanout group');
    group = (PACKET_FANOUT_EBPF << 16) | (given[0]! & MAX_GROUP_ID);
    const program = Int32Array.of(fanout.program(PROGRAM_NAME));
    setSocketOption(
      descriptor,
      SOL_PACKET,
      PACKET_FANOUT_DATA,
      program,
      'attach the program of a fanout group',
    );
  }
}
