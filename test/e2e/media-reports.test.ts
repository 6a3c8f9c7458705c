// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. What phones say in SIP of the quality they had.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { beginMedia, mediaRun } from '../support/media-calls.ts';
import { openNetwork } from '../support/network.ts';
import { startRingtap } from '../support/ringtap.ts';
import { runCalls, startCalls } from '../support/sipp.ts';

const calls = 10;

describe('root: reports of voice quality', { concurrency: 2 }, () => {
  test('RFC 6035: session reports in PUBLISH', published);
  test('X-RTP-Stat in a BYE, P-RTP-Stat in its response', inBye);
});

async function published(): Promise<void> {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee);
  const keys = { code: '200', header: 'SIP-ETag: reported' };
  await runCalls(network, { caller: 'uac-publish', callee: 'uas-answer', calls, keys });
  const scrape = await ringtap.scrapeUntil(
    'all responses are counted',
    (s) => s.sum('sip_responses_total', { method: 'PUBLISH', code: '200' }) === calls,
  );
  const of = (name: string, labels: Record<string, string>): number[] =>
    ['count', 'sum'].map((part) => scrape.sum(`sip_voice_quality_${name}_${part}`, labels));
  assert.deepEqual(scrape.byLabels('sip_voice_quality_reports_total', ['kind', 'method']), {
    'session PUBLISH': calls,
  });
  assert.equal(scrape.sum('sip_voice_quality_report_errors_total'), 0);
  assert.deepEqual(of('mos', { side: 'local', mos: 'lq' }), [calls, 4.1 * calls]);
  assert.deepEqual(of('mos', { side: 'local', mos: 'cq' }), [calls, 4 * calls]);
  assert.deepEqual(of('mos', { side: 'remote', mos: 'lq' }), [calls, 4.4 * calls]);
  assert.deepEqual(of('loss_ratio', { side: 'local' }), [calls, 0.015 * calls]);
  assert.deepEqual(of('loss_ratio', { side: 'remote' }), [calls, 0]);
  assert.deepEqual(of('discard_ratio', { side: 'local' }), [calls, 0.005 * calls]);
  assert.deepEqual(of('jitter_seconds', { side: 'local' }), [calls, 0.004 * calls]);
  assert.deepEqual(of('round_trip_seconds', { side: 'local' }), [calls, 0.08 * calls]);
  assert.deepEqual(of('round_trip_seconds', { side: 'remote' }), [0, 0]);
}

async function inBye(): Promise<void> {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee);
  await using sipp = await startCalls(network, {
    caller: 'uac-media',
    callee: 'uas-media',
    ...mediaRun({
      talkMillis: 100,
      byeHeader: 'X-RTP-Stat: CS=0;PS=1089;PR=980;PL=20,3;JI=23,2;LA=40;EN=PCMA;DE=PCMA',
      byeAnswerHeader: 'P-RTP-Stat: PS=1000,OS=160000,PR=1000,OR=160000,PL=0,JI=1,LA=0,DU=20',
    }),
  });
  await beginMedia(network, ringtap);
  await sipp.succeed();
  const scrape = await ringtap.scrapeUntil(
    'the end of the call is counted',
    (s) => s.sum('sip_responses_total', { method: 'BYE', code: '200' }) === 1,
  );
  assert.deepEqual(scrape.byLabels('sip_rtp_stat_headers_total', ['message']), { request: 1, response: 1 });
  assert.equal(scrape.sum('sip_rtp_stat_errors_total'), 0);
  const sum = (name: string): number => scrape.sum(`sip_rtp_stat_${name}_sum`);
  assert.equal(scrape.sum('sip_rtp_stat_loss_ratio_count'), 2);
  assert.equal(sum('loss_ratio'), 20 / 1000);
  assert.equal(sum('jitter_seconds'), 0.024);
  assert.equal(sum('latency_seconds'), 0.04);
}
