// SPDX-License-Identifier: Apache-2.0
import type { PacketClock } from '../base/packet-clock.ts';
import type { CaptureFile } from '../capture/capture-file.ts';
import type { Datagram } from '../decode/datagram.ts';
import type { SipMessage } from '../sip/message.ts';
import { Method, methodNames } from '../sip/method.ts';
import { firstParseError, keepAliveNames, ParseResult, parseErrorNames } from '../sip/parse-result.ts';
import { type AttemptResult, attemptResultNames } from '../state/attempt-result.ts';
import {
  type Delay,
  DialogState,
  type Outcome,
  outcomeNames,
  ReasonProtocol,
  type SessionEnd,
  sessionEndNames,
} from '../state/call-events.ts';
import type { MessageEvents } from '../state/message-events.ts';
import { type RegistrationResult, registrationResultNames } from '../state/registration-result.ts';
import type { PeerAddress } from '../state/state-limits.ts';
import { endpointText, recordText, timeText, wireText } from './trace-text.ts';

/** By `DialogState`. */
const dialogStateNames: readonly string[] = Object.keys(DialogState);

/** By `Delay`. */
const delayNames: readonly string[] = [
  'registration_request',
  'session_request',
  'session_disconnect',
  'post_dial',
  'answer',
  'redirect',
  'cancel_ring',
  'options_response',
];

/**
 * Writes a line for each message of a replay and for what is made of it, beside what the metrics are told. A line is
 * the number of the packet, its time, the event and its fields as `name=value`. What time brings about stands with the
 * packet that moved the time.
 */
export class Trace {
  readonly #isNamingFiles: boolean;
  readonly #peers: readonly PeerAddress[];
  readonly #write: (line: string) => void;
  #file: CaptureFile | undefined;
  #clock: PacketClock | undefined;
  /** That of the pipeline: the state tells no addresses. */
  #datagram: Datagram | undefined;

  /** `isNamingFiles` puts the name of the file before the number. */
  constructor(isNamingFiles: boolean, peers: readonly PeerAddress[], write: (line: string) => void) {
    this.#isNamingFiles = isNamingFiles;
    this.#peers = peers;
    this.#write = write;
  }

  /** Told before anything is made of the packet in the frame of a file; `datagram` is where the pipeline decodes it. */
  packet(file: CaptureFile, datagram: Datagram): void {
    this.#file = file;
    this.#datagram = datagram;
  }

  /** A listener that writes, and tells `events` all it is told. */
  wrap(events: MessageEvents, clock: PacketClock): MessageEvents {
    this.#clock = clock;
    return {
      ...this.#messageEvents(events),
      ...this.#attemptEvents(events),
      ...this.#dialogEvents(events),
      ...this.#registrationEvents(events),
      ...this.#otherEvents(events),
    };
  }

  /** Writes a line: an event of the packet that is looked at. */
  line(event: string, fields: string): void {
    const { name, packetNumber } = this.#file!;
    const file = this.#isNamingFiles ? `${/^[\w./+-]+$/.test(name) ? name : JSON.stringify(name)}:` : '';
    this.#write(`${file}${packetNumber} ${timeText(this.#clock!.micros)} ${event}${fields && ' '}${fields}`);
  }

  /** What there is to say of a message: addresses, its start line, CSeq and Call-ID. */
  #messageLine(event: string, message: SipMessage): void {
    const { bytes, isRequest, method } = message;
    const methodText =
      method === Method.other && isRequest
        ? wireText(bytes, message.methodOffset, message.methodLength)
        : methodNames[method]!;
    const start = isRequest
      ? `method=${methodText} uri=${wireText(bytes, message.requestUriOffset, message.requestUriLength)}`
      : `code=${message.statusCode} method=${methodText}`;
    const callId = wireText(bytes, message.callIdOffset, message.callIdLength);
    this.line(event, `${this.endpoints()} ${start} cseq=${message.cseqNumber} call_id=${callId}`);
  }

  /** Source and destination of the datagram that is looked at. */
  endpoints(): string {
    const { sourceAddress, sourcePort, destinationAddress, destinationPort } = this.#datagram!;
    const source = endpointText(sourceAddress, sourcePort);
    const destination = endpointText(destinationAddress, destinationPort);
    return `source=${source} destination=${destination}`;
  }

  #messageEvents(
    events: MessageEvents,
  ): Pick<MessageEvents, 'message' | 'retransmission' | 'captureDuplicate' | 'notMessage'> {
    return {
      message: (context, message) => {
        this.#messageLine(message.isRequest ? 'request' : 'response', message);
        events.message(context, message);
      },
      retransmission: (context, message) => {
        this.line('retransmission', `kind=${message.isRequest ? 'request' : 'response'}`);
        events.retransmission(context, message);
      },
      captureDuplicate: (context, message) => {
        this.#messageLine('capture_duplicate', message);
        events.captureDuplicate(context, message);
      },
      notMessage: (context, result) => {
        const isError = result >= firstParseError;
        const fields = isError
          ? `reason=${parseErrorNames[result - firstParseError]}`
          : `type=${keepAliveNames[result - ParseResult.keepAliveCrlf]}`;
        this.line(isError ? 'parse_error' : 'keepalive', `${this.endpoints()} ${fields}`);
        events.notMessage(context, result);
      },
    };
  }

  #attemptEvents(
    events: MessageEvents,
  ): Pick<MessageEvents, 'attemptBegun' | 'attemptEnded' | 'inviteEnded'> {
    return {
      attemptBegun: (attempt, context) => {
        this.line('attempt_begun', `attempt=${recordText(attempt)}`);
        events.attemptBegun(attempt, context);
      },
      attemptEnded: (attempt, context, result: AttemptResult, statusCode) => {
        const fields = `result=${attemptResultNames[result]} code=${codeText(statusCode)}`;
        this.line('attempt_ended', `attempt=${recordText(attempt)} ${fields}`);
        events.attemptEnded(attempt, context, result, statusCode);
      },
      inviteEnded: (context, statusCode) => {
        this.line('invite_ended', `code=${codeText(statusCode)}`);
        events.inviteEnded(context, statusCode);
      },
    };
  }

  #dialogEvents(
    events: MessageEvents,
  ): Pick<MessageEvents, 'dialogChanged' | 'sessionEnded' | 'sessionDuration' | 'unknownDialogMessage'> {
    return {
      dialogChanged: (dialog, context, from, to) => {
        const fields = `from=${dialogStateNames[from]} to=${dialogStateNames[to]}`;
        this.line('dialog_changed', `dialog=${recordText(dialog)} ${fields}`);
        events.dialogChanged(dialog, context, from, to);
      },
      sessionEnded: (dialog, context, reason: SessionEnd) => {
        this.line('session_ended', `dialog=${recordText(dialog)} reason=${sessionEndNames[reason]}`);
        events.sessionEnded(dialog, context, reason);
      },
      sessionDuration: (context, outcome: Outcome, durationMillis, isFirst) => {
        const seconds = (durationMillis / 1e3).toFixed(3);
        this.line('session_duration', `outcome=${outcomeNames[outcome]} seconds=${seconds}`);
        events.sessionDuration(context, outcome, durationMillis, isFirst);
      },
      unknownDialogMessage: (context) => {
        this.line('unknown_dialog_message', '');
        events.unknownDialogMessage(context);
      },
    };
  }

  #registrationEvents(
    events: MessageEvents,
  ): Pick<MessageEvents, 'registrationBegun' | 'registrationEnded' | 'bindingsChanged'> {
    return {
      registrationBegun: (registration, context) => {
        this.line('registration_begun', `registration=${recordText(registration)}`);
        events.registrationBegun(registration, context);
      },
      registrationEnded: (registration, context, result: RegistrationResult, statusCode) => {
        const fields = `result=${registrationResultNames[result]} code=${codeText(statusCode)}`;
        this.line('registration_ended', `registration=${recordText(registration)} ${fields}`);
        events.registrationEnded(registration, context, result, statusCode);
      },
      bindingsChanged: (context, change) => {
        this.line('bindings_changed', `change=${change > 0 ? '+' : ''}${change}`);
        events.bindingsChanged(context, change);
      },
    };
  }

  #otherEvents(
    events: MessageEvents,
  ): Pick<MessageEvents, 'transactionTimeout' | 'delay' | 'reason' | 'peerChecked'> {
    return {
      transactionTimeout: (context, method) => {
        this.line('transaction_timeout', `method=${methodNames[method]}`);
        events.transactionTimeout(context, method);
      },
      delay: (kind: Delay, context, outcome: Outcome, delayMicros) => {
        const fields = `kind=${delayNames[kind]} outcome=${outcomeNames[outcome]}`;
        this.line('delay', `${fields} seconds=${(delayMicros / 1e6).toFixed(6)}`);
        events.delay(kind, context, outcome, delayMicros);
      },
      reason: (context, protocol, cause) => {
        const name = protocol === ReasonProtocol.q850 ? 'Q.850' : 'SIP';
        this.line('reason', `protocol=${name} cause=${cause}`);
        events.reason(context, protocol, cause);
      },
      peerChecked: (peer, isUp, delayMicros) => {
        const roundTrip = delayMicros < 0 ? '' : ` round_trip_seconds=${(delayMicros / 1e6).toFixed(6)}`;
        this.line('peer_checked', `peer=${this.#peers[peer]?.name} up=${isUp}${roundTrip}`);
        events.peerChecked(peer, isUp, delayMicros);
      },
    };
  }
}

/** A final code, or what the label `code` says where none came. */
function codeText(statusCode: number): string {
  return statusCode === 0 ? 'timeout' : String(statusCode);
}
