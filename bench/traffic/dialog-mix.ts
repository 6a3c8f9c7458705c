// SPDX-License-Identifier: Apache-2.0
import { callTemplates, type MessageTemplate, refreshTemplates } from './call-templates.ts';

const digits = 8;
const hexadecimal = new TextEncoder().encode('0123456789abcdef');
/** Far from any common divisor with a number of dialogs: picks that follow each other are far apart. */
const strideBetweenPicks = 7919;

/** What is done with dialogs: a new call, a re-INVITE, a BYE, by the messages of `DialogMix.frames`. */
const Exchange = { call: [0, 1, 2, 3, 4], reInvite: [5, 6, 7], bye: [8, 9] } as const;

/** A frame of the mix, in a place of its own that is written anew for each message. */
interface MixFrame {
  readonly offset: number;
  readonly length: number;
  readonly callIdOffset: number;
  readonly branchOffset: number;
}

/**
 * Messages of ever new calls, re-INVITEs and BYEs amid a number of dialogs that stays the same. What tells them apart
 * is eight digits of the Call-ID and of the branch, written in a few nanoseconds, so that the messages cost next to
 * nothing beside what is made of them.
 */
export class DialogMix {
  readonly bytes: Uint8Array;
  readonly view: DataView;
  readonly frames: readonly MixFrame[];
  /** Messages that `churn` hands over. */
  readonly messagesPerChurn: number;
  readonly #exchangesAtOnce: number;
  /** Number of the call of each dialog. */
  readonly #calls: Uint32Array;
  readonly #take: (frame: number) => void;
  #nextCall = 0;
  #nextBranch = 0;
  #pick = 0;

  /** `take` is told which of `frames` is to be taken next. */
  constructor(
    dialogs: number,
    exchangesAtOnce: number,
    answerLines: readonly string[],
    take: (frame: number) => void,
  ) {
    const [invite, trying, ringing, answer, ack, bye, byeAnswer] = callTemplates(
      answerLines,
    ) as MessageTemplate[];
    const call = [invite!, trying!, ringing!, answer!, ack!];
    const templates = [...call, ...refreshTemplates('INVITE', 0, answerLines), bye!, byeAnswer!];
    this.bytes = new Uint8Array(templates.reduce((sum, { bytes }) => sum + bytes.length, 0));
    this.view = new DataView(this.bytes.buffer);
    let offset = 0;
    this.frames = templates.map(({ bytes }) => {
      const text = new TextDecoder('latin1').decode(bytes);
      const after = (label: string) => offset + text.indexOf(label) + label.length;
      this.bytes.set(bytes, offset);
      const callIdOffset = after('Call-ID: ');
      const frame = { offset, length: bytes.length, callIdOffset, branchOffset: after('branch=z9hG4bK') };
      offset += bytes.length;
      return frame;
    });
    this.#calls = new Uint32Array(dialogs);
    this.#exchangesAtOnce = exchangesAtOnce;
    this.#take = take;
    this.messagesPerChurn =
      exchangesAtOnce * (Exchange.call.length + Exchange.reInvite.length + Exchange.bye.length);
  }

  /** Sets up all dialogs. */
  begin(): void {
    for (let done = 0; done < this.#calls.length; done += this.#exchangesAtOnce) {
      const count = Math.min(this.#exchangesAtOnce, this.#calls.length - done);
      for (let i = 0; i < count; i++) this.#calls[done + i] = this.#nextCall++;
      this.#exchange(Exchange.call, done, 1, count);
    }
  }

  /** A re-INVITE in each of some dialogs, a BYE in each of as many others, and new calls in place of these. */
  churn(): void {
    const count = this.#exchangesAtOnce;
    this.#exchange(Exchange.reInvite, this.#pick, strideBetweenPicks, count);
    this.#movePick(count);
    this.#exchange(Exchange.bye, this.#pick, strideBetweenPicks, count);
    for (let i = 0; i < count; i++) {
      this.#calls[(this.#pick + i * strideBetweenPicks) % this.#calls.length] = this.#nextCall++;
    }
    this.#exchange(Exchange.call, this.#pick, strideBetweenPicks, count);
    this.#movePick(count);
  }

  #movePick(count: number): void {
    this.#pick = (this.#pick + count * strideBetweenPicks) % this.#calls.length;
  }

  /** The messages of `count` exchanges that run side by side: each message of all, then the next. */
  #exchange(messages: readonly number[], first: number, stride: number, count: number): void {
    const firstBranch = this.#nextBranch;
    this.#nextBranch += count;
    const calls = this.#calls;
    for (const message of messages) {
      const frame = this.frames[message]!;
      for (let i = 0; i < count; i++) {
        this.#write(frame.callIdOffset, calls[(first + i * stride) % calls.length]!);
        this.#write(frame.branchOffset, firstBranch + i);
        this.#take(message);
      }
    }
  }

  #write(offset: number, value: number): void {
    const { bytes } = this;
    for (let digit = 0; digit < digits; digit++) {
      bytes[offset + digit] = hexadecimal[(value >>> (digit * 4)) & 15]!;
    }
  }
}
