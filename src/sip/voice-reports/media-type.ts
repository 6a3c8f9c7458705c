// SPDX-License-Identifier: Apache-2.0
import { ascii } from '../../base/ascii.ts';
import { beginsWith } from '../parameters.ts';

const SP = 0x20;
const SEMICOLON = 0x3b;
const voiceQualityReport = ascii('application/vq-rtcpxr');

/** Whether a Content-Type is that of voice quality reports (RFC 6035 §7.1), with parameters or not. */
export function isVoiceQualityReport(bytes: Uint8Array, offset: number, length: number): boolean {
  const end = offset + length;
  if (!beginsWith(bytes, offset, end, voiceQualityReport)) return false;
  const next = offset + voiceQualityReport.length;
  return next === end || bytes[next]! <= SP || bytes[next] === SEMICOLON;
}
