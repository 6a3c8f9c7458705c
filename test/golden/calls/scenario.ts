// SPDX-License-Identifier: Apache-2.0
import { ethernet, ipv4, udp } from '../../support/udp-frame.ts';
import type { CallCase } from './call-case.ts';
import { addressOf, Dialogue, networkOf } from './dialogue.ts';
import { type FlowLine, parseFlow } from './flow.ts';
import { messageText } from './message-text.ts';

/** When every capture begins: microseconds since the epoch. */
export const startMicros = 1_700_000_000_000_000;

/** One frame of a golden capture, and what it is for the tests. */
export interface CapturedFrame {
  /** Microseconds since the epoch. */
  readonly micros: number;
  readonly bytes: Uint8Array;
  /** 0 or 1; a classic pcap file does not keep it. */
  readonly interfaceIndex: number;
  /** The line of the flow it comes from. */
  readonly line: string;
  /** Address it was sent from; empty for a tick. */
  readonly source: string;
  /** Method and, in a response, code, as in `INVITE` and `INVITE 200`; undefined for a tick. */
  readonly kind: string | undefined;
  /** Bytes of the SIP message. */
  readonly messageBytes: number;
  /** Position of the frame that this one retransmits; -1 where it is the first of its kind. */
  readonly firstCopy: number;
  /** It is a second capture of a frame that came before. */
  readonly isDuplicate: boolean;
}

interface Sent {
  readonly payload: Uint8Array;
  readonly position: number;
  readonly frame: Uint8Array;
}

/** Plays a flow: the frames its sensor captures, in order of time. */
export function play(callCase: CallCase): CapturedFrame[] {
  const scenario = new Scenario(callCase);
  for (const line of parseFlow(callCase.flow)) scenario.take(line);
  return callCase.mirror === undefined ? scenario.frames : mirrored(scenario.frames, callCase.mirror);
}

class Scenario {
  readonly frames: CapturedFrame[] = [];
  readonly #case: CallCase;
  readonly #network: number;
  readonly #dialogues = new Map<string, Dialogue>();
  readonly #sent = new Map<string, Sent>();
  readonly #identifications = new Map<string, number>();

  constructor(callCase: CallCase) {
    this.#case = callCase;
    this.#network = networkOf(callCase.name);
  }

  take(line: FlowLine): void {
    if (line.isTick) {
      this.frames.push({ ...tick, micros: startMicros + line.micros, line: line.text });
      return;
    }
    const { sender, receiver, method, statusCode, options } = line;
    const call = options.get('call') ?? '';
    const kind = statusCode > 0 ? `${method} ${statusCode}` : method;
    const key = [call, sender, receiver, kind].join(' ');
    const before = this.#sent.get(key);
    const isCopy = options.has('again') || options.has('dup');
    if (isCopy && before === undefined) throw new Error(`nothing to repeat: ${line.text}`);
    const payload = isCopy ? before!.payload : this.#payload(call, line);
    const isMoved = options.has('src') || options.has('dst');
    const source = addressOf(this.#network, options.get('src') ?? sender);
    const frame = options.has('dup')
      ? before!.frame
      : this.#frame(source, addressOf(this.#network, options.get('dst') ?? receiver), payload);
    if (!isCopy) this.#sent.set(key, { payload, frame, position: line.isCaptured ? this.frames.length : -1 });
    if (!line.isCaptured) return;
    this.frames.push({
      micros: startMicros + line.micros,
      bytes: frame,
      interfaceIndex: options.has('other') ? 1 : 0,
      line: line.text,
      source,
      kind,
      messageBytes: payload.length,
      firstCopy: options.has('again') && !isMoved ? before!.position : -1,
      isDuplicate: options.has('dup') && !options.has('late'),
    });
  }

  #payload(call: string, line: FlowLine): Uint8Array {
    const { name, style } = this.#case;
    let dialogue = this.#dialogues.get(call);
    if (dialogue === undefined) {
      dialogue = new Dialogue(name, call, style === 'rfc2543');
      this.#dialogues.set(call, dialogue);
    }
    return new TextEncoder().encode(messageText(dialogue.message(line), style === 'compact'));
  }

  #frame(source: string, destination: string, payload: Uint8Array): Uint8Array {
    const next = ((this.#identifications.get(source) ?? this.#network) + 1) & 0xffff;
    this.#identifications.set(source, next);
    const identification = this.#case.identification === 'zero' ? 0 : next;
    return ethernet(
      0x0800,
      ipv4(
        { source, destination, identification, flagsAndOffset: 0x4000 },
        udp({ sourcePort: 5060, destinationPort: 5060 }, payload),
      ),
    );
  }
}

/** ARP: who has 0.0.0.0. No monitor of SIP can make anything of it but note the time. */
const tick: CapturedFrame = {
  micros: 0,
  bytes: ethernet(0x0806, [0, 1, 8, 0, 6, 4, 0, 1, ...new Array<number>(20).fill(0)]),
  interfaceIndex: 0,
  line: '',
  source: '',
  kind: undefined,
  messageBytes: 0,
  firstCopy: -1,
  isDuplicate: false,
};

/** The frames with a second capture of each, as from a mirror port or a bridge. */
export function mirrored(
  frames: readonly CapturedFrame[],
  mirror: NonNullable<CallCase['mirror']>,
): CapturedFrame[] {
  const copies = frames.map((frame) => ({
    ...frame,
    micros: frame.micros + mirror.afterSeconds * 1e6,
    interfaceIndex: mirror.interface === 'other' ? 1 : frame.interfaceIndex,
    isDuplicate: true,
    firstCopy: -1,
  }));
  return [...frames.map((frame) => ({ ...frame, firstCopy: -1 })), ...copies].sort(
    (a, b) => a.micros - b.micros,
  );
}
