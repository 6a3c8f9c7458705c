// SPDX-License-Identifier: Apache-2.0
import { sipOffsetBytes } from './call-templates.ts';
import { FrameSet } from './frame-set.ts';

const ETHERNET_BYTES = 14;
const IPV4_BYTES = 20;
const UDP_BYTES = 8;
const TCP_BYTES = 20;
const PROTOCOL_TCP = 6;
/** Data offset in words, then ACK and PSH. */
const OFFSET_AND_FLAGS = 0x5018;
const FIRST_PORT = 20_000;

/**
 * The frames of a `FrameSet` as TCP segments, one message each, over some connections in turn, each from any of its
 * ends: sequence numbers go on from pass to pass.
 */
export class SegmentSet {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly offsets: Uint32Array;
  readonly lengths: Uint32Array;
  readonly #frames: FrameSet;
  /** Where a frame's message begins in `bytes`. */
  readonly #streams: Int32Array;
  readonly #sequences: Int32Array;

  constructor(calls: number, connections: number) {
    const frames = new FrameSet(calls);
    const count = frames.offsets.length;
    this.#frames = frames;
    this.bytes = new Uint8Array(frames.bytes.length + count * TCP_BYTES);
    this.view = new DataView(this.bytes.buffer);
    this.offsets = new Uint32Array(count);
    this.lengths = new Uint32Array(count);
    this.#streams = new Int32Array(count);
    this.#sequences = new Int32Array(connections * 2);
    const callerAddress = frames.view.getInt32(frames.offsets[0]! + ETHERNET_BYTES + 12);
    let end = 0;
    for (let frame = 0; frame < count; frame++) {
      const from = frames.offsets[frame]!;
      const isForward = frames.view.getInt32(from + ETHERNET_BYTES + 12) === callerAddress;
      this.offsets[frame] = end;
      this.lengths[frame] = frames.lengths[frame]! + TCP_BYTES - UDP_BYTES;
      this.#streams[frame] = (frame % connections) * 2 + (isForward ? 0 : 1);
      this.#write(frame, from, isForward);
      end += this.lengths[frame]!;
    }
  }

  /** Begins a pass whose calls are new ones: `renew` each frame before it is used. */
  nextGeneration(): void {
    this.#frames.nextGeneration();
  }

  /** Gives a frame the Call-ID of this generation and the next sequence number of its stream. */
  renew(frame: number): void {
    const at = this.offsets[frame]!;
    this.#frames.renew(frame);
    const callId = this.#frames.callIdOffset(frame);
    const shift = at + TCP_BYTES - UDP_BYTES - this.#frames.offsets[frame]!;
    for (let digit = 0; digit < 8; digit++)
      this.bytes[callId + shift + digit] = this.#frames.bytes[callId + digit]!;
    const stream = this.#streams[frame]!;
    const sequence = this.#sequences[stream]!;
    this.view.setInt32(at + ETHERNET_BYTES + IPV4_BYTES + 4, sequence);
    this.#sequences[stream] = sequence + this.lengths[frame]! - ETHERNET_BYTES - IPV4_BYTES - TCP_BYTES;
  }

  #write(frame: number, from: number, isForward: boolean): void {
    const { bytes, view } = this;
    const at = this.offsets[frame]!;
    const source = this.#frames.bytes;
    bytes.set(source.subarray(from, from + ETHERNET_BYTES + IPV4_BYTES), at);
    const ip = at + ETHERNET_BYTES;
    view.setUint16(ip + 2, this.lengths[frame]! - ETHERNET_BYTES);
    bytes[ip + 9] = PROTOCOL_TCP;
    const tcp = ip + IPV4_BYTES;
    const port = FIRST_PORT + (this.#streams[frame]! >> 1);
    view.setUint16(tcp, isForward ? port : 5060);
    view.setUint16(tcp + 2, isForward ? 5060 : port);
    view.setUint16(tcp + 12, OFFSET_AND_FLAGS);
    bytes.set(source.subarray(from + sipOffsetBytes, from + this.#frames.lengths[frame]!), tcp + TCP_BYTES);
  }
}
