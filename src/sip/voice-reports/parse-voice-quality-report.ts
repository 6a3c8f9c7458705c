// SPDX-License-Identifier: Apache-2.0
import { ascii } from '../../base/ascii.ts';
import { beginsWith, lowerCase } from '../parameters.ts';
import { thousandthsAt } from './thousandths.ts';
import {
  AlertSeverity,
  alertSeverityNames,
  ReportKind,
  type VoiceMetrics,
  type VoiceQualityReport,
  voiceMeasureLimits,
  voiceMeasureNames,
} from './voice-quality-report.ts';

const HT = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const QUOTE = 0x22;
const COLON = 0x3a;
const EQUALS = 0x3d;

/** What is wrong with a body that is said to be a report: a closed set, for it becomes the label `reason`. */
export const VoiceReportResult = {
  report: 0,
  /** The first line is none of a report. */
  notReport: 1,
  /** No part with metrics; an alert needs none. */
  noMetrics: 2,
} as const;
export type VoiceReportResult = (typeof VoiceReportResult)[keyof typeof VoiceReportResult];

/** Label `reason` of the results from `notReport` on. */
export const voiceReportErrorNames: readonly string[] = ['not_report', 'no_metrics'];

/** First words of a report, by `ReportKind`. */
const kinds = ['vqsessionreport', 'vqintervalreport', 'vqalertreport'].map(ascii);
const callTerm = ascii('callterm');
const localMetrics = ascii('localmetrics');
const remoteMetrics = ascii('remotemetrics');
const severityName = ascii('severity');
const severities = alertSeverityNames.map(ascii);

/** Lines that hold measures. Of others nothing is taken: `x-` ones may use the same names for other things. */
const measuredLines = ['packetloss', 'burstgaploss', 'delay', 'qualityest'].map(ascii);
const measureNames = voiceMeasureNames.map(ascii);

/**
 * Reads the body of `length` bytes at `offset` into the reused `report` (RFC 6035 §4.6). Lines may stand in any order, be
 * folded and end with LF alone; names are in any case, with white space before the colon; of a measure that stands twice
 * in a part the first counts. Never throws or allocates; linear in `length`.
 */
export function parseVoiceQualityReport(
  bytes: Uint8Array,
  offset: number,
  length: number,
  report: VoiceQualityReport,
): VoiceReportResult {
  report.clear();
  const end = offset + length;
  let p = offset;
  while (p < end && bytes[p]! <= SP) p++;
  let lineEnd = logicalLineEnd(bytes, p, end);
  if (!parseFirstLine(bytes, p, lineEnd, report)) return VoiceReportResult.notReport;
  let side: VoiceMetrics | undefined;
  for (p = lineEnd + 1; p < end; p = lineEnd + 1) {
    lineEnd = logicalLineEnd(bytes, p, end);
    const name = colonOf(bytes, p, lineEnd);
    if (name < 0) continue;
    if (isNamed(bytes, p, name, localMetrics)) side = report.local;
    else if (isNamed(bytes, p, name, remoteMetrics)) side = report.remote;
    else {
      if (side !== undefined && isMeasured(bytes, p, name)) parseMeasures(bytes, name + 1, lineEnd, side);
      continue;
    }
    side.isPresent = true;
  }
  const hasMetrics = report.local.isPresent || report.remote.isPresent;
  return hasMetrics || report.kind === ReportKind.alert
    ? VoiceReportResult.report
    : VoiceReportResult.noMetrics;
}

/** The LF that ends the line at `p` and what is folded to it, or `end`. */
function logicalLineEnd(bytes: Uint8Array, p: number, end: number): number {
  for (; p < end; p++) {
    if (bytes[p] !== LF) continue;
    const next = bytes[p + 1];
    if (p + 1 >= end || (next !== SP && next !== HT)) return p;
  }
  return end;
}

/** The colon behind the name that begins at `p`, or -1. */
function colonOf(bytes: Uint8Array, p: number, end: number): number {
  while (p < end && bytes[p] !== COLON && bytes[p] !== EQUALS && bytes[p] !== CR) p++;
  return p < end && bytes[p] === COLON ? p : -1;
}

/** Whether the bytes from `p` to `end`, white space behind left out, are `name`. */
function isNamed(bytes: Uint8Array, p: number, end: number, name: Uint8Array): boolean {
  while (end > p && bytes[end - 1]! <= SP) end--;
  return end - p === name.length && beginsWith(bytes, p, end, name);
}

function isMeasured(bytes: Uint8Array, p: number, end: number): boolean {
  for (let line = 0; line < measuredLines.length; line++) {
    if (isNamed(bytes, p, end, measuredLines[line]!)) return true;
  }
  return false;
}

/** `VQSessionReport: CallTerm`, `VQIntervalReport`, `VQAlertReport: Type=NLR Severity=Critical Dir=local`. */
function parseFirstLine(bytes: Uint8Array, p: number, end: number, report: VoiceQualityReport): boolean {
  let nameEnd = p;
  while (nameEnd < end && bytes[nameEnd]! > SP && bytes[nameEnd] !== COLON) nameEnd++;
  let kind = 0;
  while (kind < kinds.length && !isNamed(bytes, p, nameEnd, kinds[kind]!)) kind++;
  if (kind === kinds.length) return false;
  report.kind = kind as ReportKind;
  p = nameEnd;
  while (p < end && (bytes[p]! <= SP || bytes[p] === COLON)) p++;
  if (kind === ReportKind.session) report.isCallTerm = beginsWith(bytes, p, end, callTerm);
  if (kind === ReportKind.alert) report.severity = severityAt(bytes, p, end);
  return true;
}

function severityAt(bytes: Uint8Array, p: number, end: number): AlertSeverity {
  for (; p < end; p = nextParameter(bytes, p, end)) {
    const equals = equalsOf(bytes, p, end);
    if (!isNamed(bytes, p, equals, severityName)) continue;
    for (let severity = 1; severity < severities.length; severity++) {
      if (beginsWith(bytes, equals + 1, end, severities[severity]!)) return severity as AlertSeverity;
    }
  }
  return AlertSeverity.other;
}

/** Reads `NLR=5.0 JDR=2.0`. */
function parseMeasures(bytes: Uint8Array, p: number, end: number, side: VoiceMetrics): void {
  while (p < end && bytes[p]! <= SP) p++;
  for (; p < end; p = nextParameter(bytes, p, end)) {
    const equals = equalsOf(bytes, p, end);
    const measure = equals < end ? measureOf(bytes, p, equals) : -1;
    if (measure < 0 || side.thousandths[measure] !== -1) continue;
    const value = thousandthsAt(bytes, equals + 1, end);
    if (value <= voiceMeasureLimits[measure]! * 1000) side.thousandths[measure] = value;
  }
}

/** The `=` of the parameter at `p`, or `end`; white space and quotes come before it in none. */
function equalsOf(bytes: Uint8Array, p: number, end: number): number {
  while (p < end && bytes[p] !== EQUALS && bytes[p]! > SP) p++;
  return p < end && bytes[p] === EQUALS ? p : end;
}

/** Which measure the bytes from `p` to `end` name, or -1. Its names have two to five letters. */
function measureOf(bytes: Uint8Array, p: number, end: number): number {
  if (end - p < 2 || end - p > 5) return -1;
  const first = lowerCase[bytes[p]!];
  for (let measure = 0; measure < measureNames.length; measure++) {
    const name = measureNames[measure]!;
    if (name[0] === first && isNamed(bytes, p, end, name)) return measure;
  }
  return -1;
}

/** Where the parameter behind that at `p` begins; a quoted value may hold white space. */
function nextParameter(bytes: Uint8Array, p: number, end: number): number {
  let isQuoted = false;
  for (; p < end && (isQuoted || bytes[p]! > SP); p++) if (bytes[p] === QUOTE) isQuoted = !isQuoted;
  while (p < end && bytes[p]! <= SP) p++;
  return p;
}
