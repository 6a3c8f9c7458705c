// SPDX-License-Identifier: Apache-2.0
import { SeededHash } from '../../../src/base/hash.ts';
import { PacketClock } from '../../../src/base/packet-clock.ts';
import { Ticks } from '../../../src/base/ticks.ts';
import { Datagram } from '../../../src/decode/datagram.ts';
import { SipMessage } from '../../../src/sip/message.ts';
import { parseMessage } from '../../../src/sip/parse-message.ts';
import { defaultParserLimits } from '../../../src/sip/parser-limits.ts';
import { Calls } from '../../../src/state/calls.ts';
import type { BenchCase } from '../../measure-case.ts';
import { benchLimits } from '../../support/bench-limits.ts';
import { CountedEvents } from '../../support/counted-events.ts';
import { sipOffsetBytes } from '../../traffic/call-templates.ts';
import { FrameSet } from '../../traffic/frame-set.ts';

const calls = 2000;
/** 10,000 calls/s in packet time: some 300,000 attempts are in the table until they expire. */
const frameMicros = 1e6 / 70_000;

/** Transactions, attempts and dialogs of messages that are parsed already; always new calls, expiry in step with new ones. */
export default function prepare(): BenchCase {
  const frames = new FrameSet(calls);
  const messages = Array.from(frames.offsets, (offset, frame) => {
    const message = new SipMessage();
    const length = frames.lengths[frame]! - sipOffsetBytes;
    parseMessage(frames.bytes, frames.view, offset + sipOffsetBytes, length, defaultParserLimits, message);
    return message;
  });
  const events = new CountedEvents();
  const clock = new PacketClock();
  clock.micros = 1_767_225_600e6;
  const datagram = new Datagram();
  const state = new Calls(benchLimits, [], new SeededHash(1, 2), clock, events);
  const ticks = new Ticks(clock, 100_000, [state]);
  const take = (frame: number): void => {
    frames.renew(frame);
    clock.next[0]! += frameMicros;
    clock.advance();
    ticks.advance();
    const message = messages[frame]!;
    datagram.ipIdentification = frame & 0xffff;
    state.prepare(0, message);
    state.message(message, datagram, state.see(0, message, datagram, 0), 0);
  };
  return {
    units: messages.length,
    pass() {
      frames.nextGeneration();
      events.results = 0;
      events.ended = 0;
      for (let frame = 0; frame < messages.length; frame++) take(frame);
      if (events.results !== calls || events.ended !== calls || events.unknown !== 0) {
        throw new Error(
          `${events.results} answered, ${events.ended} ended, ${events.unknown} unknown of ${calls}`,
        );
      }
    },
  };
}
