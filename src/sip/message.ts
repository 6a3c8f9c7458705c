// SPDX-License-Identifier: Apache-2.0
import { Method } from './method.ts';

/**
 * A view of one SIP message: offsets and lengths into `bytes`, numbers where the wire has numbers. One object is
 * reused for every message and nothing of it is valid after the bytes it points at are given back.
 * A field that is absent has length 0.
 *
 *     INVITE sip:bob@example.com SIP/2.0        method, requestUri
 *     Via: SIP/2.0/UDP pc33;branch=z9hG4bK77    sentBy, branch (of the topmost Via), viaCount
 *     From: "A" <sip:a@x>;tag=1928              fromTag
 *     To: <sip:b@y>                             toTag
 *     Call-ID: a84b4c76e66710@pc33              callId
 *     CSeq: 314159 INVITE                       cseqNumber; the method of a response
 *     Contact: <sip:a@pc33>, <sip:a@pc34>       contact
 *     Content-Type: application/sdp             contentType
 *     Content-Length: 142                       contentLength (-1 when absent), body
 */
export class SipMessage {
  bytes: Uint8Array = new Uint8Array(0);
  /** The same memory as `bytes`, from the same first byte. */
  view: DataView = new DataView(this.bytes.buffer);
  /** Where the start line begins; the message ends where the body does. */
  startOffset = 0;
  isRequest = false;
  /** Of a request, its method; of a response, the method in its CSeq. */
  method: Method = Method.other;
  methodOffset = 0;
  methodLength = 0;
  /** Where the first header field begins. */
  headersOffset = 0;
  /** 100..699, 0 in a request. */
  statusCode = 0;
  requestUriOffset = 0;
  requestUriLength = 0;
  /** Via values, topmost included, over all Via fields and comma lists. */
  viaCount = 0;
  sentByOffset = 0;
  sentByLength = 0;
  branchOffset = 0;
  branchLength = 0;
  hasFrom = false;
  fromTagOffset = 0;
  fromTagLength = 0;
  hasTo = false;
  toTagOffset = 0;
  toTagLength = 0;
  callIdOffset = 0;
  callIdLength = 0;
  /** The whole value of To, trimmed: the address-of-record of a REGISTER is in it. */
  toOffset = 0;
  toLength = 0;
  /** The whole value of the first Contact field that is not empty, trimmed; `ContactList` reads it and those behind it. */
  contactOffset = 0;
  contactLength = 0;
  /** Expires (RFC 3261 §20.19), 0..2^31-1, larger ones too; 3600 when malformed, as it says there; -1 when absent. */
  expiresSeconds = -1;
  /** Session-Expires (RFC 4028 §4), 0..2^31-1, larger ones too; -1 when absent or malformed. */
  sessionExpiresSeconds = -1;
  /** RSeq (RFC 3262 §7.1), 0..2^31-1, larger ones too; -1 when absent or malformed. */
  rseq = -1;
  /** First cause of the protocols Q.850 and SIP in Reason (RFC 3326 §2), 0..999; -1 when absent or malformed. */
  reasonQ850 = -1;
  reasonSip = -1;
  /** The whole value of X-RTP-Stat or P-RTP-Stat, trimmed: what the sender of a BYE, or of its response, had of the call's RTP. */
  rtpStatOffset = 0;
  rtpStatLength = 0;
  /** Where the first field begins whose name is User-Agent, or begins so at least; -1 without one. */
  userAgentField = -1;
  /** A challenge says `stale=true`: the credentials were right but the nonce was old (RFC 7616 §3.3). */
  isStale = false;
  /** 0..2^31-1. */
  cseqNumber = 0;
  /** Of a request: the method in CSeq is the method of the start line. */
  cseqMethodMatches = false;
  contentLength = -1;
  /** The whole value of Content-Type, trimmed, parameters and all. */
  contentTypeOffset = 0;
  contentTypeLength = 0;
  /** Behind the empty line that ends the header fields; like `bodyLength`, of a message that is one. */
  bodyOffset = 0;
  bodyLength = 0;

  /** Forgets the message before. */
  clear(bytes: Uint8Array, view: DataView): void {
    this.bytes = bytes;
    this.view = view;
    this.isRequest = false;
    this.method = Method.other;
    this.methodLength = 0;
    this.statusCode = 0;
    this.requestUriLength = 0;
    this.viaCount = 0;
    this.sentByLength = 0;
    this.branchLength = 0;
    this.hasFrom = false;
    this.fromTagLength = 0;
    this.hasTo = false;
    this.toTagLength = 0;
    this.callIdLength = 0;
    this.toLength = 0;
    this.contactLength = 0;
    this.expiresSeconds = -1;
    this.sessionExpiresSeconds = -1;
    this.rseq = -1;
    this.reasonQ850 = -1;
    this.reasonSip = -1;
    this.rtpStatLength = 0;
    this.userAgentField = -1;
    this.isStale = false;
    this.cseqNumber = -1;
    this.cseqMethodMatches = false;
    this.contentLength = -1;
    this.contentTypeLength = 0;
    this.bodyLength = 0;
  }
}
