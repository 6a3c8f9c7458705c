// SPDX-License-Identifier: Apache-2.0
import { SeededHash } from '../../src/base/hash.ts';
import { PacketClock } from '../../src/base/packet-clock.ts';
import { Ticks } from '../../src/base/ticks.ts';
import { Datagram } from '../../src/decode/datagram.ts';
import { SipMessage } from '../../src/sip/message.ts';
import { parseMessage } from '../../src/sip/parse-message.ts';
import { defaultParserLimits } from '../../src/sip/parser-limits.ts';
import { Calls } from '../../src/state/calls.ts';
import type { BenchCase } from '../measure-case.ts';
import { sipOffsetBytes } from '../traffic/call-templates.ts';
import { DialogMix } from '../traffic/dialog-mix.ts';
import { CountedEvents } from './counted-events.ts';
import { dialogLimits, exchangesAtOnce, messagesPerSecondAndDialog } from './dialog-limits.ts';

/** New calls, re-INVITEs and BYEs amid `dialogs` confirmed dialogs; messages are parsed already. */
export function prepareStateOfDialogs(dialogs: number): BenchCase {
  const messageMicros = 1e6 / (messagesPerSecondAndDialog * dialogs);
  const events = new CountedEvents();
  const clock = new PacketClock();
  clock.micros = 1_767_225_600e6;
  const datagram = new Datagram();
  const state = new Calls(dialogLimits, [], new SeededHash(1, 2), clock, events);
  const ticks = new Ticks(clock, 100_000, [state]);
  const take = (frame: number): void => {
    clock.next[0]! += messageMicros;
    clock.advance();
    ticks.advance();
    const message = messages[frame]!;
    datagram.ipIdentification = (datagram.ipIdentification + 1) & 0xffff;
    state.prepare(0, message);
    state.message(message, datagram, state.see(0, message, datagram, 0), 0);
  };
  const mix = new DialogMix(dialogs, exchangesAtOnce(dialogs), [], take);
  const messages = mix.frames.map(({ offset, length }) => {
    const message = new SipMessage();
    const [at, lengthBytes] = [offset + sipOffsetBytes, length - sipOffsetBytes];
    parseMessage(mix.bytes, mix.view, at, lengthBytes, defaultParserLimits, message);
    return message;
  });
  mix.begin();
  return {
    units: mix.messagesPerChurn,
    pass() {
      const endedBefore = events.ended;
      mix.churn();
      const ended = events.ended - endedBefore;
      if (ended !== exchangesAtOnce(dialogs) || events.confirmed !== dialogs || events.unknown !== 0) {
        throw new Error(`${ended} ended, ${events.confirmed} dialogs, ${events.unknown} unknown`);
      }
    },
  };
}
