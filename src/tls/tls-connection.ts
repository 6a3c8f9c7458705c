// SPDX-License-Identifier: Apache-2.0
import { type CipherSuite, cipherSuite, ProtocolVersion } from './cipher-suite.ts';
import {
  clientHelloStart,
  clientRandomOffset,
  HandshakeType,
  parseServerHello,
  randomLength,
  ServerHello,
} from './handshake.ts';
import { HandshakeReader } from './handshake-reader.ts';
import { nextTrafficSecret, trafficKey13, trafficKeys12 } from './key-schedule.ts';
import { ContentType, fragmentLength, recordHeaderLength } from './record.ts';
import { RecordProtection } from './record-protection.ts';
import { maxSecretLength, Secret, type Secrets } from './secrets.ts';
import type { TlsCrypto } from './tls-crypto.ts';
import { firstGivenUp, TlsState } from './tls-result.ts';

/** What a connection is made with. */
export interface TlsParts {
  readonly tlsCrypto: TlsCrypto;
  readonly secrets: Secrets;
  /** Most bytes of a direction before its first application data, 0-RTT data included. */
  readonly maxHandshakeBytes: number;
}

/** Takes what was opened. Must not throw. */
export interface PlaintextConsumer {
  /** Application data of direction 0 or 1, in order; nobody writes to `bytes` any more. */
  plaintext(direction: number, bytes: Uint8Array<ArrayBuffer>, offset: number, lengthBytes: number): void;
}

/** Behind a gap: most records that may be missing, and most attempts to open one (some 10 us each). */
const maxMissingRecords = 128;
const maxAttempts = 2048;

/** Description of an alert (RFC 8446 §6). */
const closeNotify = 0;

/** The copy of a secret, shared: it is used at once. */
const secretView = new DataView(new ArrayBuffer(maxSecretLength));
const secretBytes = new Uint8Array(secretView.buffer);
const hello = new ServerHello();

/** What one side sends. */
class Direction {
  readonly handshake = new HandshakeReader();
  protection: RecordProtection | undefined;
  /** TLS 1.3: the secret that `protection` was made of, from which a KeyUpdate makes the next one. */
  trafficSecret: Uint8Array = new Uint8Array(0);
  /** TLS 1.2: behind a ChangeCipherSpec whose key is not there yet. */
  awaitsKey = false;
  /** A record waits for its key. */
  isWaiting = false;
  /** Bytes of records until application data was opened. */
  handshakeBytes = 0;
  /** Application data was opened: every record must open from here on. */
  isApplication = false;
  /** Behind a gap: where the next record begins and which it is is not known. */
  isLost = false;
  /** Attempts to open a record behind the gap. */
  attempts = 0;
  /** Nothing comes any more: close_notify (RFC 8446 §6.1). */
  isClosed = false;

  reset(): void {
    this.handshake.reset();
    this.protection = undefined;
    this.trafficSecret = new Uint8Array(0);
    this.awaitsKey = false;
    this.isWaiting = false;
    this.handshakeBytes = 0;
    this.isApplication = false;
    this.isLost = false;
    this.attempts = 0;
    this.isClosed = false;
  }
}

/**
 * One TLS connection from the wire: follows the handshake as far as it is in the clear, takes the secrets from the key log
 * and opens application data. Who is the client is told by the ClientHello.
 *
 * Handshake records of TLS 1.3 are never opened: the first record that opens under the key of application data with
 * sequence number 0 is the first of application data. That skips certificates, early data (0-RTT) and a loss among
 * them alike, and needs no secret of the handshake (docs/decisions/011).
 */
export class TlsConnection {
  state: TlsState = TlsState.handshake;
  /** Records of application data that were opened. */
  openedRecords = 0;
  /** Times a direction was found again behind a gap. */
  foundAgain = 0;

  readonly #parts: TlsParts;
  readonly #consumer: PlaintextConsumer;
  readonly #directions = [new Direction(), new Direction()] as const;
  readonly #clientRandom = new DataView(new ArrayBuffer(randomLength));
  readonly #serverRandom = new Uint8Array(randomLength);
  /** The direction of the client, -1 before its hello. */
  #client = -1;
  /** Of the ServerHello; undefined before. */
  #suite: CipherSuite | undefined;

  constructor(parts: TlsParts, consumer: PlaintextConsumer) {
    this.#parts = parts;
    this.#consumer = consumer;
  }

  /** Whether a record waits for its secret. */
  get isWaitingForKey(): boolean {
    return this.#directions[0].isWaiting || this.#directions[1].isWaiting;
  }

  /** Whether both sides have closed it in the way of TLS. */
  get isClosed(): boolean {
    return this.#directions[0].isClosed && this.#directions[1].isClosed;
  }

  /** Whether nothing more is read of the connection. */
  get isGivenUp(): boolean {
    return this.state >= firstGivenUp;
  }

  /** Another connection begins. */
  reset(): void {
    this.state = TlsState.handshake;
    this.openedRecords = 0;
    this.foundAgain = 0;
    this.#directions[0].reset();
    this.#directions[1].reset();
    this.#client = -1;
    this.#suite = undefined;
  }

  /**
   * Reads whole records of a direction in `start..end`; returns the position behind the last one that needs no more.
   * What is behind it is to be given again with more bytes, once the other direction went on, or once the key log did.
   * Never throws; linear, but for records that wait, whose header and secret are looked at again.
   */
  read(direction: number, bytes: Uint8Array, start: number, end: number): number {
    let p = start;
    while (p + recordHeaderLength <= end && !this.isGivenUp) {
      if (this.#directions[direction]!.isLost) {
        p = this.#find(direction, bytes, p, end);
        if (this.#directions[direction]!.isLost) break;
        continue;
      }
      const length = fragmentLength(bytes, p);
      if (length < 0) {
        this.#giveUp(TlsState.malformed);
        break;
      }
      const next = p + recordHeaderLength + length;
      if (next > end || !this.#record(direction, bytes, p, length)) break;
      p = next;
    }
    return this.isGivenUp ? end : p;
  }

  /** Nothing more is read, because of `state`; the first reason stays. */
  giveUp(state: TlsState): void {
    if (!this.isGivenUp) this.#giveUp(state);
  }

  /**
   * Bytes of a direction are missing. Behind them it is looked for where the handshake got far enough; else the connection is
   * given up.
   */
  gap(index: number): void {
    const direction = this.#directions[index]!;
    const isTls13 = this.#suite?.version === ProtocolVersion.tls13;
    if (direction.protection === undefined && !isTls13) this.giveUp(TlsState.gap);
    direction.isLost = true;
    direction.attempts = 0;
    direction.handshake.reset();
  }

  /** The connection is over: what it still waited for is not going to come. */
  end(): void {
    if (this.isWaitingForKey) this.giveUp(TlsState.noKey);
    else if (this.#suite === undefined) this.giveUp(TlsState.noHandshake);
  }

  #giveUp(state: TlsState): void {
    this.state = state;
    this.#directions[0].reset();
    this.#directions[1].reset();
  }

  /**
   * Looks for the next record of application data that opens with one of the next sequence numbers; returns the position
   * behind it, or that from which more is needed.
   */
  #find(index: number, bytes: Uint8Array, start: number, end: number): number {
    const direction = this.#directions[index]!;
    let p = start;
    for (; p + recordHeaderLength <= end; p++) {
      const length = bytes[p] === ContentType.applicationData ? fragmentLength(bytes, p) : -1;
      if (length < 0) continue;
      if (p + recordHeaderLength + length > end) break;
      if (direction.protection === undefined && !this.#takeKey13(index)) break;
      for (let missing = 0; missing <= maxMissingRecords; missing++) {
        const plaintext = direction.protection!.open(bytes, p, length, missing);
        if (plaintext !== undefined) {
          direction.isLost = false;
          this.foundAgain++;
          this.#opened(index, ContentType.applicationData, plaintext);
          return p + recordHeaderLength + length;
        }
        if (++direction.attempts > maxAttempts) {
          this.#giveUp(TlsState.gap);
          return end;
        }
      }
    }
    return p;
  }

  /** Takes one record; false where it has to wait. */
  #record(index: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const direction = this.#directions[index]!;
    const type = bytes[offset]!;
    if (direction.awaitsKey && !this.#takeKeys12(index)) return false;
    if (direction.protection !== undefined) return this.#protected(index, bytes, offset, length);
    if (type === ContentType.applicationData) return this.#early(index, bytes, offset, length);
    this.#countHandshake(direction, length);
    if (!this.isGivenUp) this.#content(index, type, bytes, offset + recordHeaderLength, length);
    return true;
  }

  /** A record of application data before its key: TLS 1.3, or the handshake was not seen. */
  #early(index: number, bytes: Uint8Array, offset: number, length: number): boolean {
    if (this.#suite?.version === ProtocolVersion.tls13) {
      return this.#takeKey13(index) && this.#protected(index, bytes, offset, length);
    }
    // Early data of the client waits for the ServerHello.
    if (this.#suite === undefined && this.#client === index) return false;
    this.#giveUp(TlsState.noHandshake);
    return true;
  }

  #protected(index: number, bytes: Uint8Array, offset: number, length: number): boolean {
    const direction = this.#directions[index]!;
    const isTls13 = this.#suite?.version === ProtocolVersion.tls13;
    // Middleboxes are shown a ChangeCipherSpec that means nothing (RFC 8446 §5), and alerts before there are keys are clear.
    if (isTls13 && bytes[offset] !== ContentType.applicationData) {
      this.#countHandshake(direction, length);
      return true;
    }
    const plaintext = direction.protection!.open(bytes, offset, length);
    if (plaintext === undefined) {
      // TLS 1.3 before application data: a record of the handshake.
      if (isTls13 && !direction.isApplication) this.#countHandshake(direction, length);
      else this.#giveUp(TlsState.notAuthentic);
      return true;
    }
    this.#opened(index, bytes[offset]!, plaintext);
    return true;
  }

  /** A record opened; `recordType` is what its header says it carries. */
  #opened(index: number, recordType: number, plaintext: Uint8Array<ArrayBuffer>): void {
    const direction = this.#directions[index]!;
    let type = recordType;
    let end = plaintext.length;
    if (this.#suite?.version === ProtocolVersion.tls13) {
      // The type stands last, before padding of zeros (RFC 8446 §5.2).
      while (end > 0 && plaintext[end - 1] === 0) end--;
      if (end === 0) {
        this.#giveUp(TlsState.malformed);
        return;
      }
      type = plaintext[--end]!;
      direction.isApplication = true;
    }
    if (type === ContentType.applicationData) {
      direction.isApplication = true;
      this.state = TlsState.open;
      this.openedRecords++;
      if (end > 0) this.#consumer.plaintext(index, plaintext, 0, end);
    } else if (type === ContentType.alert) {
      // Its level, which means nothing, and what it is about.
      if (end === 2 && plaintext[1] === closeNotify) direction.isClosed = true;
    } else this.#content(index, type, plaintext, 0, end);
  }

  /** The content of a record that is no application data. */
  #content(index: number, type: number, bytes: Uint8Array, offset: number, length: number): void {
    if (type === ContentType.handshake) this.#messages(index, bytes, offset, offset + length);
    else if (type === ContentType.changeCipherSpec) this.#changeCipherSpec(index);
  }

  #messages(index: number, bytes: Uint8Array, start: number, end: number): void {
    const { handshake } = this.#directions[index]!;
    for (let p = start; p < end && !this.isGivenUp; ) {
      p = handshake.read(bytes, p, end);
      if (!handshake.isInside) this.#message(index, handshake);
    }
  }

  #message(index: number, { type, body, keptLength }: HandshakeReader): void {
    if (type === HandshakeType.clientHello) this.#clientHello(index, body, keptLength);
    else if (type === HandshakeType.serverHello) this.#serverHello(index, body, keptLength);
    else if (type === HandshakeType.keyUpdate) this.#keyUpdate(index);
  }

  #clientHello(index: number, body: Uint8Array, length: number): void {
    if (length < clientHelloStart) {
      this.#giveUp(TlsState.malformed);
      return;
    }
    this.#client = index;
    for (let i = 0; i < randomLength; i++) this.#clientRandom.setUint8(i, body[clientRandomOffset + i]!);
  }

  #serverHello(index: number, body: Uint8Array, length: number): void {
    if (!parseServerHello(body, length, hello)) this.#giveUp(TlsState.malformed);
    else if (this.#client !== 1 - index) this.#giveUp(TlsState.noHandshake);
    else if (!hello.isRetryRequest) this.#negotiated();
  }

  #negotiated(): void {
    const { version, compressionMethod } = hello;
    if (version !== ProtocolVersion.tls12 && version !== ProtocolVersion.tls13) {
      this.#giveUp(TlsState.unsupportedVersion);
      return;
    }
    this.#suite = cipherSuite(hello.cipherSuite, version);
    if (this.#suite === undefined || compressionMethod !== 0) this.#giveUp(TlsState.unsupportedCipherSuite);
    this.#serverRandom.set(hello.random);
  }

  /** TLS 1.2: the records behind it are under the new key (RFC 5246 §7.1). In TLS 1.3 it means nothing. */
  #changeCipherSpec(index: number): void {
    if (this.#suite === undefined) {
      // In TLS 1.3 it may stand behind the client's hello and behind a HelloRetryRequest.
      if (this.#client < 0) this.#giveUp(TlsState.noHandshake);
    } else if (this.#suite.version === ProtocolVersion.tls12) this.#directions[index]!.awaitsKey = true;
  }

  /** Makes the key of a direction of TLS 1.2; false while there is no secret. */
  #takeKeys12(index: number): boolean {
    const { tlsCrypto, secrets } = this.#parts;
    const direction = this.#directions[index]!;
    direction.isWaiting = secrets.copy(this.#clientRandom, Secret.master, secretView) === 0;
    if (direction.isWaiting) return false;
    const suite = this.#suite!;
    const clientRandom = new Uint8Array(this.#clientRandom.buffer);
    const keys = trafficKeys12(tlsCrypto, suite, secretBytes, clientRandom, this.#serverRandom);
    direction.protection = new RecordProtection(tlsCrypto, suite, keys[index === this.#client ? 0 : 1]);
    direction.awaitsKey = false;
    return true;
  }

  /** Makes the key of a direction of TLS 1.3; false until the secrets of both are there, as one side alone tells little. */
  #takeKey13(index: number): boolean {
    const { secrets } = this.#parts;
    const direction = this.#directions[index]!;
    direction.isWaiting = !secrets.hasTraffic(this.#clientRandom);
    if (direction.isWaiting) return false;
    const kind = index === this.#client ? Secret.clientTraffic : Secret.serverTraffic;
    const lengthBytes = secrets.copy(this.#clientRandom, kind, secretView);
    this.#useTrafficSecret(direction, secretBytes.slice(0, lengthBytes));
    return true;
  }

  #useTrafficSecret(direction: Direction, secret: Uint8Array): void {
    const { tlsCrypto } = this.#parts;
    direction.trafficSecret = secret;
    direction.protection = new RecordProtection(
      tlsCrypto,
      this.#suite!,
      trafficKey13(tlsCrypto, this.#suite!, secret),
    );
  }

  /** The records of the direction behind it are under the next key (RFC 8446 §4.6.3). */
  #keyUpdate(index: number): void {
    const direction = this.#directions[index]!;
    if (this.#suite?.version !== ProtocolVersion.tls13 || !direction.isApplication) return;
    const { hash } = this.#suite;
    this.#useTrafficSecret(
      direction,
      nextTrafficSecret(this.#parts.tlsCrypto, hash, direction.trafficSecret),
    );
  }

  #countHandshake(direction: Direction, length: number): void {
    direction.handshakeBytes += recordHeaderLength + length;
    if (direction.handshakeBytes > this.#parts.maxHandshakeBytes) this.#giveUp(TlsState.handshakeTooLong);
  }
}
