// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { Frame, LinkType } from '../../../src/base/frame.ts';
import { Datagram } from '../../../src/decode/datagram.ts';
import { DecodeResult } from '../../../src/decode/decode-result.ts';
import { decodeFrame } from '../../../src/decode/frame-decoder.ts';
import { readSessionDescription } from '../../../src/sdp/read-session-description.ts';
import { defaultSdpLimits } from '../../../src/sdp/sdp-limits.ts';
import { SdpResult } from '../../../src/sdp/sdp-result.ts';
import { SessionDescription } from '../../../src/sdp/session-description.ts';
import { SipMessage } from '../../../src/sip/message.ts';
import { parseMessage } from '../../../src/sip/parse-message.ts';
import { ParseResult } from '../../../src/sip/parse-result.ts';
import { defaultParserLimits } from '../../../src/sip/parser-limits.ts';
import { describe, resultName } from '../../sdp-bodies/described.ts';
import { tidyDescriptions } from '../../sdp-bodies/legal-description.ts';
import { inviteText } from '../../sdp-bodies/sip-message.ts';
import { lendBytes } from '../../support/lend-frame.ts';
import { readPcap } from '../../support/pcap.ts';
import { captureFile, generate, sdpCases, writeCapture } from './generate.ts';
import { tsharkDescriptions } from './tshark-description.ts';

test('the committed capture is what the generator writes', () => {
  const fresh = mkdtempSync(join(tmpdir(), 'ringtap-golden-sdp-'));
  try {
    generate(fresh);
    assert.ok(readFileSync(captureFile(fresh)).equals(readFileSync(captureFile())));
  } finally {
    rmSync(fresh, { recursive: true });
  }
});

test('every description of the capture is read as is expected', () => {
  const records = readPcap(captureFile());
  assert.equal(records.length, sdpCases.length);
  for (const [index, { name, expected }] of sdpCases.entries()) {
    assert.deepEqual(read(records[index]!.bytes), expected, name);
  }
});

test('tshark reads the same of every description', async () => {
  const frames = await tsharkDescriptions(captureFile());
  assert.equal(frames.length, sdpCases.length);
  for (const [index, { name, expected }] of sdpCases.entries()) {
    // Of several tshark shows all; that of an early session stands before.
    assert.deepEqual(frames[index]!.at(-1), expected, name);
  }
});

test('tshark reads the same of any description', async (t) => {
  const seed = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);
  t.diagnostic(`FUZZ_SEED=${seed}`);
  const descriptions = fc.sample(tidyDescriptions, { seed, numRuns: 300 });
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-sdp-tshark-'));
  try {
    writeCapture(
      captureFile(folder),
      descriptions.map(({ text }) => inviteText(['Content-Type: application/sdp'], text)),
    );
    const frames = await tsharkDescriptions(captureFile(folder));
    assert.equal(frames.length, descriptions.length);
    for (const [index, { text, expected }] of descriptions.entries()) {
      assert.deepEqual(frames[index], [expected], text);
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

function read(bytes: Uint8Array): string[] {
  const frame = new Frame();
  lendBytes(frame, bytes);
  frame.linkType = LinkType.ethernet;
  const datagram = new Datagram();
  assert.equal(decodeFrame(frame, datagram), DecodeResult.datagram);
  const { view, payloadOffset, payloadLength } = datagram;
  const message = new SipMessage();
  const parsed = parseMessage(
    datagram.bytes,
    view,
    payloadOffset,
    payloadLength,
    defaultParserLimits,
    message,
  );
  assert.equal(parsed, ParseResult.message);
  const description = new SessionDescription(defaultSdpLimits.maxMedia);
  const result = readSessionDescription(message, defaultSdpLimits, description);
  return result === SdpResult.description ? describe(description) : [resultName(result)];
}
