// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { SipMessage } from '../message.ts';
import { parseMessage } from '../parse-message.ts';
import { ParseResult } from '../parse-result.ts';
import { defaultParserLimits } from '../parser-limits.ts';
import { isVoiceQualityReport } from './media-type.ts';
import { parseVoiceQualityReport, VoiceReportResult } from './parse-voice-quality-report.ts';
import { parseRtpStat, RtpStat } from './rtp-stat.ts';
import { thousandthsAt } from './thousandths.ts';
import {
  AlertSeverity,
  ReportKind,
  VoiceMeasure,
  type VoiceMetrics,
  VoiceQualityReport,
  voiceMeasureNames,
} from './voice-quality-report.ts';

const report = new VoiceQualityReport();
const stat = new RtpStat();

/** Bytes of a text between others, which no parser may read. */
const embed = (text: string): [Uint8Array, number, number] => {
  const content = Buffer.from(text, 'latin1');
  return [Uint8Array.from([0x30, 0x31, 0x39, ...content, ...Buffer.from('9.9=9 NLR=9')]), 3, content.length];
};
const parse = (text: string): VoiceReportResult => {
  const [bytes, offset, length] = embed(text);
  return parseVoiceQualityReport(bytes, offset, length, report);
};
/** Measures that are there, by name. */
const measuresOf = ({ thousandths }: VoiceMetrics): Record<string, number> =>
  Object.fromEntries(
    voiceMeasureNames
      .map((name, measure) => [name, thousandths[measure]!] as const)
      .filter(([, value]) => value >= 0),
  );

/** As RFC 6035 §4.6 shapes them, with names and numbers of this project's own. */
const session = `VQSessionReport: CallTerm
CallID: 6035-a@192.0.2.10
LocalID: "Ada" <sip:ada@example.com>
RemoteID: <sip:bo@example.net>
OrigID: <sip:ada@example.com>
LocalAddr: IP=192.0.2.10 PORT=5000 SSRC=0x01a2b3c4
RemoteAddr: IP=198.51.100.20 PORT=5002 SSRC=0x05060708
LocalMetrics:
Timestamps: START=2026-03-01T09:00:00Z STOP=2026-03-01T09:02:30Z
SessionDesc: PT=18 PD="G.729 NLR=77" SR=8000 FD=20 FO=20 FPP=2 PPS=50 FMTP="annexb=no" PLC=3 SSUP=on
JitterBuffer: JBA=3 JBR=2 JBN=40 JBM=80 JBX=120
PacketLoss: NLR=5.25 JDR=2.0
BurstGapLoss: BLD=30 BD=400 GLD=2.5 GD=5000 GMIN=16
Delay: RTD=200 ESD=140 SOWD=90 IAJ=2 MAJ=10
Signal: SL=-21 NL=-50 RERL=55
QualityEst: RLQ=88 RCQ=85 EXTRI=90 MOSLQ=3.7 MOSCQ=3.64 QoEEstAlg=P.564
RemoteMetrics:
PacketLoss: NLR=1 JDR=0
Delay: RTD=210 ESD=127 IAJ=1.5
QualityEst: MOSLQ=4.1 MOSCQ=4.05 RLQ=127
DialogID: 6035-a@192.0.2.10;to-tag=b1;from-tag=a1
`.replaceAll('\n', '\r\n');

const local = {
  nlr: 5250,
  jdr: 2000,
  bld: 30_000,
  bd: 400_000,
  gld: 2500,
  gd: 5_000_000,
  rtd: 200_000,
  esd: 140_000,
  iaj: 2000,
  maj: 10_000,
  rlq: 88_000,
  rcq: 85_000,
  moslq: 3700,
  moscq: 3640,
};
const remote = { nlr: 1000, jdr: 0, rtd: 210_000, esd: 127_000, iaj: 1500, moslq: 4100, moscq: 4050 };

test('a session report has both sides; what is out of range is not known', () => {
  assert.equal(parse(session), VoiceReportResult.report);
  assert.equal(report.kind, ReportKind.session);
  assert.equal(report.isCallTerm, true);
  assert.deepEqual([measuresOf(report.local), measuresOf(report.remote)], [local, remote]);
});

test('LF alone, folding, case, white space and the order of lines do not matter', () => {
  const lines = session.replaceAll('\r\n', '\n');
  const folded = session.replaceAll(/(NLR|RCQ|MAJ)=/g, '\r\n \t$1=').replaceAll(': ', ' \t:\r\n  ');
  const shouted = session.toUpperCase();
  const [head, ...rest] = session.split('LocalMetrics:');
  const [ownPart, otherPart] = rest.join('').split('RemoteMetrics:');
  const swapped = `${head}RemoteMetrics:${otherPart}LocalMetrics:${ownPart}`;
  const reversed = `${head}LocalMetrics:\r\n${ownPart!.trim().split('\r\n').reverse().join('\r\n')}\r\nRemoteMetrics:${otherPart}`;
  for (const text of [lines, folded, shouted, swapped, reversed, `\r\n\r\n${session}`]) {
    assert.equal(parse(text), VoiceReportResult.report);
    assert.deepEqual([measuresOf(report.local), measuresOf(report.remote)], [local, remote], text);
  }
});

test('interval and alert reports', () => {
  assert.equal(
    parse('VQIntervalReport\r\nLocalMetrics:\r\nPacketLoss:NLR=0.0\r\n'),
    VoiceReportResult.report,
  );
  assert.deepEqual(
    [report.kind, report.isCallTerm, measuresOf(report.local)],
    [ReportKind.interval, false, { nlr: 0 }],
  );
  for (const [severity, text] of [
    [AlertSeverity.critical, 'Type=NLR Severity=Critical Dir=local'],
    [AlertSeverity.warning, 'Severity=warning'],
    [AlertSeverity.clear, 'Type=MOSLQ  Severity=Clear Dir=remote'],
    [AlertSeverity.other, 'Type=MOSLQ Severity=Bad'],
    [AlertSeverity.other, ''],
  ] as const) {
    assert.equal(parse(`VQAlertReport: ${text}\r\nCallID: a\r\n`), VoiceReportResult.report);
    assert.deepEqual([report.kind, report.severity], [ReportKind.alert, severity], text);
  }
  // The colon of the first line is left out by some, and nothing of it is kept for the next report.
  assert.equal(parse('VQSessionReport CallTerm\nRemoteMetrics:\n'), VoiceReportResult.report);
  assert.deepEqual([report.isCallTerm, report.severity], [true, AlertSeverity.other]);
  assert.deepEqual([report.local.isPresent, report.remote.isPresent], [false, true]);
});

test('what is no report says why', () => {
  for (const text of ['', '\r\n', 'VQSession', 'VQSessionReports: CallTerm', 'v=0\r\nVQSessionReport\r\n']) {
    assert.equal(parse(text), VoiceReportResult.notReport, text);
  }
  for (const text of ['VQSessionReport', 'VQIntervalReport\r\nPacketLoss:NLR=1\r\nLocalMetrics\r\n']) {
    assert.equal(parse(text), VoiceReportResult.noMetrics, text);
  }
});

test('measures count only in their lines and once; without a number they are absent', () => {
  const text = `VQSessionReport
PacketLoss:NLR=9
LocalMetrics:
x-PacketLoss:NLR=8
Signal:NLR=7
PacketLoss:NLR= JDR=x NLR=4 NLR=3 GLD GD=
Delay:RTD=65536 ESD=-1 IAJ=99999999999999999999 =5 RTDX=3 R=1 OWD=12ms MAJ="1 IAJ=5" BLD=20
`;
  assert.equal(parse(text), VoiceReportResult.report);
  assert.deepEqual(measuresOf(report.local), { nlr: 4000, owd: 12_000, bld: 20_000 });
});

test('numbers are read in thousandths', () => {
  for (const [text, expected] of [
    ['0', 0],
    ['3.85', 3850],
    ['3.8599', 3859],
    ['3.', 3000],
    ['007.05x', 7050],
    ['2000000', 2_000_000_000],
    ['2000001', -1],
    ['.5', -1],
    ['-1', -1],
    ['', -1],
  ] as const) {
    const [bytes, offset, length] = embed(text);
    assert.equal(thousandthsAt(bytes, offset, offset + length), expected, text);
  }
});

test('the media type is told from others', () => {
  const accepted = [
    'application/vq-rtcpxr',
    'Application/VQ-RTCPXR;charset=utf-8',
    'application/vq-rtcpxr ; a=b',
  ];
  const refused = ['application/vq-rtcpxr2', 'application/vq-rtcp', 'text/plain', ''];
  for (const text of [...accepted, ...refused]) {
    assert.equal(isVoiceQualityReport(...embed(text)), accepted.includes(text), text);
  }
});

test('the forms of X-RTP-Stat and P-RTP-Stat that devices send', () => {
  for (const [text, expected] of [
    ['PS=207;OS=49680;;PR=314;OR=50240;PL=0;JI=600;LA=40;', [207, 314, 0, 600_000, 40_000]],
    ['PS=0,OS=0,PR=5429,OR=955504,PL=7,JI=3,LA=0,DU=108', [0, 5429, 7, 3000, 0]],
    [
      'CS=0;PS=1089;ES=1095;OS=174240;SP=0/0;SO=0;QS=-;PR=1095;ER=1089;PL=1,22;RB=0/0;EN=PCMA;DE=PCMA;JI=23,2;IP=192.0.2.1:7078,192.0.2.2:7080',
      [1089, 1095, 1, 23_000, -1],
    ],
    ['EX=Phone;CS=12;PR=600;PS=610;PL=3,0;PD=0,0;JI=1.4,0.2;EN=opus/48000', [610, 600, 3, 1400, -1]],
    [' pr=1 ,  pl=2', [-1, 1, 2, -1, -1]],
    ['PR=99999999999;PL=4294967296', [-1, 2 ** 31 - 1, 2 ** 31 - 1, -1, -1]],
    ['PR=1;PR=2;XPL=3;PL =4', [-1, 1, -1, -1, -1]],
  ] as const) {
    assert.equal(parseRtpStat(...embed(text), stat), true, text);
    const { packetsSent, packetsReceived, packetsLost, jitterMicros, latencyMicros } = stat;
    assert.deepEqual(
      [packetsSent, packetsReceived, packetsLost, jitterMicros, latencyMicros],
      expected,
      text,
    );
  }
  for (const text of ['', ';;;,', 'PR=', 'PR', 'EN=PCMA', 'MOS=3.8;Jitter=7']) {
    assert.equal(parseRtpStat(...embed(text), stat), false, text);
  }
});

test('the header field is found in a message, in any case, and only by its whole name', () => {
  const message = new SipMessage();
  const read = (field: string): string => {
    const head =
      'BYE sip:a@x SIP/2.0\r\nVia: SIP/2.0/UDP x;branch=z9hG4bK1\r\nFrom: <sip:a@x>;tag=1\r\nTo: <sip:b@x>;tag=2\r\n';
    const bytes = Uint8Array.from(Buffer.from(`${head}Call-ID: 1\r\n${field}\r\nCSeq: 2 BYE\r\n\r\n`));
    const view = new DataView(bytes.buffer);
    assert.equal(
      parseMessage(bytes, view, 0, bytes.length, defaultParserLimits, message),
      ParseResult.message,
    );
    return Buffer.from(
      bytes.subarray(message.rtpStatOffset, message.rtpStatOffset + message.rtpStatLength),
    ).toString();
  };
  assert.equal(read('X-RTP-Stat: PS=1;PR=2 '), 'PS=1;PR=2');
  assert.equal(read('p-rtp-stat \t:PS=1,PR=2'), 'PS=1,PR=2');
  assert.equal(read('P-RTP-Stat: a\r\nX-RTP-Stat: b'), 'a');
  assert.equal(read('X-RTP-Stat:\r\n PS=1;\r\n\tPR=2'), 'PS=1;\r\n\tPR=2');
  for (const field of ['X-RTP-Stats2: a', 'X-RTP-Sta: a', 'X-RTP: a', 'x: 100', 'P-RTP-Stat']) {
    assert.equal(read(field), '', field);
    assert.equal(message.rtpStatLength, 0);
  }
});

test('whatever measures are built are read back, in any order', () => {
  const line: Record<string, string> = {};
  for (const name of ['nlr', 'jdr']) line[name] = 'PacketLoss';
  for (const name of ['bld', 'bd', 'gld', 'gd']) line[name] = 'BurstGapLoss';
  for (const name of ['rtd', 'esd', 'owd', 'iaj', 'maj']) line[name] = 'Delay';
  for (const name of ['rlq', 'rcq', 'moslq', 'moscq']) line[name] = 'QualityEst';
  const measures = fc.uniqueArray(
    fc.tuple(fc.constantFrom(...voiceMeasureNames), fc.integer({ min: 0, max: 5000 })),
    { selector: ([name]) => name },
  );
  fc.assert(
    fc.property(measures, measures, (own, others) => {
      const lines = (part: readonly (readonly [string, number])[]): string =>
        part.map(([name, value]) => `${line[name]}: ${name.toUpperCase()}=${value / 1000}\r\n`).join('');
      const text = `VQIntervalReport\r\nLocalMetrics:\r\n${lines(own)}RemoteMetrics:\r\n${lines(others)}`;
      assert.equal(parse(text), VoiceReportResult.report);
      assert.deepEqual(measuresOf(report.local), Object.fromEntries(own));
      assert.deepEqual(measuresOf(report.remote), Object.fromEntries(others));
      assert.equal(report.local.thousandths.length, Object.keys(VoiceMeasure).length);
    }),
  );
});
