// SPDX-License-Identifier: Apache-2.0
import { writeFrame } from './call-stream.ts';
import { callTemplates, type MessageTemplate, refreshTemplates } from './call-templates.ts';

/** What a flood consists of. */
export interface FloodPlan {
  /** Calls that are answered before the flood and hung up after it. */
  readonly establishedCalls: number;
  /** INVITEs of the flood, each with its own Call-ID, tags and branch. */
  readonly invites: number;
  /** Signs of life of each established call, spread over the flood: re-INVITE and UPDATE in turn. */
  readonly refreshRounds: number;
  /** Session-Expires of the established calls (RFC 4028). */
  readonly sessionExpiresSeconds: number;
}

/** Every so many INVITEs of the flood, one rings: an early dialog beside the half-open attempt. */
export const invitesPerRinging = 10;
/** Established calls that are set up or hung up at once. */
const callsAtOnce = 1000;
/** Messages of `callTemplates`. */
const setUp = [0, 1, 2, 3, 4] as const;
const hangUp = [5, 6] as const;
const ringing = 2;

/**
 * The frames of a flood of INVITEs that nobody answers, amid calls that live before, during and after it. Frame n of
 * a plan is always the same; memory does not grow with the plan.
 */
export class FloodStream {
  readonly #plan: FloodPlan;
  readonly #calls: readonly MessageTemplate[];
  readonly #refreshes: readonly (readonly MessageTemplate[])[];
  readonly #templates: Generator<MessageTemplate>;
  #call = 0;
  #frame = 0;

  constructor(plan: FloodPlan) {
    const sessionTimer = [`Session-Expires: ${plan.sessionExpiresSeconds};refresher=uac`];
    this.#plan = plan;
    this.#calls = callTemplates(sessionTimer);
    this.#refreshes = Array.from({ length: plan.refreshRounds }, (_, round) =>
      refreshTemplates(round % 2 === 0 ? 'INVITE' : 'UPDATE', round, sessionTimer),
    );
    this.#templates = this.#all();
  }

  /** Writes the next frame at `offset` of `target` (room for `frameLimitBytes`); 0 at the end of the stream. */
  next(target: Uint8Array, offset: number): number {
    const { value, done } = this.#templates.next();
    if (done) return 0;
    return writeFrame(value, this.#call, this.#frame++ & 0xffff, target, offset);
  }

  *#all(): Generator<MessageTemplate> {
    yield* this.#established(setUp);
    yield* this.#flood();
    yield* this.#established(hangUp);
  }

  /** The same messages of all established calls, in portions. */
  *#established(messages: readonly number[]): Generator<MessageTemplate> {
    const { establishedCalls } = this.#plan;
    for (let first = 0; first < establishedCalls; first += callsAtOnce) {
      const end = Math.min(first + callsAtOnce, establishedCalls);
      for (const message of messages) {
        for (this.#call = first; this.#call < end; this.#call++) yield this.#calls[message]!;
      }
    }
  }

  *#flood(): Generator<MessageTemplate> {
    const { establishedCalls, invites, refreshRounds } = this.#plan;
    const refreshCount = establishedCalls * refreshRounds;
    for (let invite = 0, refresh = 0; invite < invites; invite++) {
      this.#call = establishedCalls + invite;
      yield this.#calls[0]!;
      if (invite % invitesPerRinging === 0) yield this.#calls[ringing]!;
      for (; refresh < refreshCount && refresh * invites < (invite + 1) * refreshCount; refresh++) {
        this.#call = refresh % establishedCalls;
        yield* this.#refreshes[Math.floor(refresh / establishedCalls)]!;
      }
    }
  }
}
