// SPDX-License-Identifier: Apache-2.0
import { ascii } from '../base/ascii.ts';
import { Beginning } from './websocket-beginning.ts';

const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
const SP = 0x20;
const COLON = 0x3a;
const COMMA = 0x2c;

const requestBeginning = ascii('GET ');
const responseBeginning = ascii('HTTP/1.');
/** A status line behind its minor version. */
const switchingProtocols = ascii(' 101');
const upgradeName = ascii('upgrade');
const protocolName = ascii('sec-websocket-protocol');
const webSocketToken = ascii('websocket');
const sipToken = ascii('sip');

/** Whether the bytes from `p` to `end` begin like a GET request or a response of HTTP/1. No SIP message does. */
export function httpBeginning(bytes: Uint8Array, p: number, end: number): Beginning {
  const text = bytes[p] === requestBeginning[0] ? requestBeginning : responseBeginning;
  const length = Math.min(text.length, end - p);
  for (let i = 0; i < length; i++) if (bytes[p + i] !== text[i]) return Beginning.no;
  return length === text.length ? Beginning.yes : Beginning.maybe;
}

/** The index behind the empty line that ends the head of an HTTP message (RFC 9112 §2.1), -1 without one. */
export function findHeadEnd(bytes: Uint8Array, p: number, end: number): number {
  for (let i = p; i + 1 < end; i++) {
    if (bytes[i] !== LF) continue;
    if (bytes[i + 1] === LF) return i + 2;
    if (bytes[i + 1] === CR && i + 2 < end && bytes[i + 2] === LF) return i + 3;
  }
  return -1;
}

/**
 * Whether the head of an HTTP message, from `p` to `end`, opens a WebSocket for SIP (RFC 6455 §4.1, §4.2.2, RFC 7118 §4):
 *
 *     GET / HTTP/1.1                             HTTP/1.1 101 Switching Protocols
 *     Upgrade: websocket                         Upgrade: websocket
 *     Sec-WebSocket-Protocol: sip, msrp          Sec-WebSocket-Protocol: sip
 *
 * A request must offer `sip`; a response must not choose something else, but there are servers that name none.
 */
export function isUpgradeToSip(bytes: Uint8Array, p: number, end: number): boolean {
  const isRequest = bytes[p] === requestBeginning[0];
  if (!isRequest && !matches(bytes, p + responseBeginning.length + 1, end, switchingProtocols)) return false;
  let isWebSocket = false;
  let hasProtocol = false;
  let hasSip = false;
  for (let line = lineAfter(bytes, p, end); line < end; line = lineAfter(bytes, line, end)) {
    if (isField(bytes, line, end, upgradeName)) {
      isWebSocket ||= hasToken(bytes, line + upgradeName.length + 1, end, webSocketToken);
    } else if (isField(bytes, line, end, protocolName)) {
      hasProtocol = true;
      hasSip ||= hasToken(bytes, line + protocolName.length + 1, end, sipToken);
    }
  }
  return isWebSocket && (hasSip || (!isRequest && !hasProtocol));
}

function lineAfter(bytes: Uint8Array, p: number, end: number): number {
  let i = p;
  while (i < end && bytes[i] !== LF) i++;
  return i + 1;
}

/** Whether `text`, in lower case, stands at `p`; letters in any case. */
function matches(bytes: Uint8Array, p: number, end: number, text: Uint8Array): boolean {
  if (p + text.length > end) return false;
  for (let i = 0; i < text.length; i++) if (lowerCase(bytes[p + i]!) !== text[i]) return false;
  return true;
}

function lowerCase(byte: number): number {
  return byte >= 0x41 && byte <= 0x5a ? byte | 0x20 : byte;
}

function isField(bytes: Uint8Array, line: number, end: number, name: Uint8Array): boolean {
  const colon = line + name.length;
  return colon < end && bytes[colon] === COLON && matches(bytes, line, end, name);
}

/** Whether a comma-separated list that ends with the line has a token (RFC 9110 §5.6.1). */
function hasToken(bytes: Uint8Array, p: number, end: number, token: Uint8Array): boolean {
  let i = p;
  while (i < end && bytes[i] !== LF) {
    while (i < end && isSeparator(bytes[i]!)) i++;
    const start = i;
    while (i < end && bytes[i] !== LF && !isSeparator(bytes[i]!)) i++;
    if (i - start === token.length && matches(bytes, start, end, token)) return true;
  }
  return false;
}

function isSeparator(byte: number): boolean {
  return byte === SP || byte === TAB || byte === COMMA || byte === CR;
}
