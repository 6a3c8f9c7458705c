// SPDX-License-Identifier: Apache-2.0
import { Frame, LinkType } from '../../src/base/frame.ts';
import { SeededHash } from '../../src/base/hash.ts';
import { PacketClock } from '../../src/base/packet-clock.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import { DecodeResult } from '../../src/decode/decode-result.ts';
import { decodeFrame } from '../../src/decode/frame-decoder.ts';
import { SctpAssociations } from '../../src/decode/sctp-associations.ts';
import { SctpChunkKind, sctpUnreadNames } from '../../src/decode/sctp-events.ts';
import { defaultSctpLimits, type SctpLimits } from '../../src/decode/sctp-limits.ts';
import { lendBytes } from './lend-frame.ts';
import { ipv4 } from './udp-frame.ts';

const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString('latin1');

/** SCTP packets in, user messages out. */
export class SctpListener {
  /** Messages as text; `duplicate` and names of `SctpUnread` with their count in angle brackets. */
  readonly events: string[] = [];
  readonly clock: PacketClock = new PacketClock();
  readonly associations: SctpAssociations;
  readonly #frame = new Frame();
  readonly #datagram = new Datagram();
  /** Messages whose bytes are lent, and what they were. */
  #lent: { readonly bytes: Uint8Array; readonly text: string }[] = [];

  constructor(limits: Partial<SctpLimits> = {}, maxMessageBytes: number = 65_535) {
    this.clock.micros = 1e15;
    this.associations = new SctpAssociations(
      { ...defaultSctpLimits, ...limits },
      maxMessageBytes,
      new SeededHash(1, 2),
      this.clock,
      {
        sctpMessage: (bytes, _view, offset, length) => {
          const lent = bytes.subarray(offset, offset + length);
          this.events.push(text(lent));
          this.#lent.push({ bytes: lent, text: text(lent) });
        },
        sctpChunk: (kind) => {
          if (kind === SctpChunkKind.duplicate) this.events.push('<duplicate>');
        },
        sctpUnread: (reason, chunks) => this.events.push(`<${sctpUnreadNames[reason]} ${chunks}>`),
        settle: () => this.settle(),
      },
    );
  }

  /** The messages so far must still be what they were when they were handed out. */
  settle(): void {
    for (const { bytes, text: before } of this.#lent) {
      if (text(bytes) !== before) throw new Error('a lent message has changed');
    }
    this.#lent = [];
  }

  /** Takes an SCTP packet in IPv4, and says what became of it. */
  take(packet: Uint8Array, laterMicros: number = 0): DecodeResult {
    this.clock.micros += laterMicros;
    while (this.associations.expire());
    lendBytes(this.#frame, ipv4({ protocol: 132 }, packet));
    this.#frame.linkType = LinkType.rawIp;
    const result = decodeFrame(this.#frame, this.#datagram);
    if (result === DecodeResult.sctpPacket) this.associations.packet(this.#datagram);
    return result;
  }
}
