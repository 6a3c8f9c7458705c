// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { replayHere, valuesOf } from '../../replay/replay.ts';
import { assertCommitted } from '../../support/committed-captures.ts';
import { captureFolder, generate } from './generate.ts';

const file = (name: string): string => join(import.meta.dirname, name);

/** What is said of SIP, whatever the interface and the direction; delays by how many there are, not how long. */
function sipFigures(text: string): string[] {
  const sums = new Map<string, number>();
  for (const line of valuesOf(text)) {
    if (!/^sip_/.test(line) || /_(bucket|sum)\{/.test(line)) continue;
    const [, series = '', value] = /^(.*) (\S+)$/.exec(
      line.replace(/interface="[^"]*",direction="[^"]*"/, ''),
    )!;
    sums.set(series, (sums.get(series) ?? 0) + Number(value));
  }
  return [...sums].map(([series, sum]) => `${series} ${sum}`).sort();
}

const value = (text: string, series: string): number =>
  Number(
    text
      .split('\n')
      .find((line) => line.startsWith(`${series} `))
      ?.slice(series.length + 1),
  );

for (const version of [2, 3]) {
  test(`HEP${version} of Kamailio in a capture gives the figures of the calls themselves`, async () => {
    const ports = ['--sip.ports', '5060,5062,5064', '--no-sip.detect'];
    const hep = await replayHere(...ports, '--hep.ports', '9000-9100', file(`kamailio-hep${version}.pcap`));
    const wire = await replayHere(...ports, file(`kamailio-hep${version}-wire.pcap`));
    assert.deepEqual([...hep.warnings, ...wire.warnings], []);
    assert.deepEqual(sipFigures(hep.stdout), sipFigures(wire.stdout));
    assert.ok(sipFigures(hep.stdout).includes('sip_session_attempt_results_total{,result="answered"} 3'));
    assert.equal(
      value(hep.stdout, 'ringtap_hep_packets_total{transport="udp"}'),
      value(hep.stdout, 'ringtap_capture_packets_total{interface="file"}'),
    );
    assert.equal(value(hep.stdout, 'ringtap_hep_clock_corrections_total'), 0);
    assert.equal(value(wire.stdout, 'ringtap_hep_packets_total{transport="udp"}'), Number.NaN);
  });
}

const media = join(captureFolder, 'media.pcap');

test('the golden capture is what its generator writes', () => {
  assertCommitted(captureFolder, generate);
});

test('SIP and RTCP by HEP, media on the wire: one call', async () => {
  const { stdout, warnings } = await replayHere('--hep.ports', '9060', media);
  assert.deepEqual(warnings, []);
  const labels = 'interface="file",direction="unknown"';
  for (const [series, expected] of [
    [`sip_session_descriptions_total{${labels},result="read"}`, 6],
    [`rtp_call_results_total{${labels},result="both_ways"}`, 1],
    [`rtp_call_results_total{${labels},result="not_seen"}`, 1],
    [`rtp_call_results_total{${labels},result="held"}`, 1],
    [`rtp_call_results_total{${labels},result="missing"}`, 0],
    [`rtp_streams_begun_total{${labels},signalling="announced"}`, 2],
    [`rtcp_packets_total{${labels},type="sr"}`, 1],
    [`rtcp_packets_total{${labels},type="rr"}`, 2],
    [`rtcp_report_blocks_total{${labels},round_trip="measured"}`, 2],
    // 0.54 s and 2 s after the sender report, of which the receiver had it for 0.5 s and 1.95 s.
    [`rtcp_round_trip_seconds_sum{${labels},path="segment"}`, 0.09],
    ['ringtap_hep_unread_total{protocol="log"}', 1],
    ['ringtap_hep_unread_total{protocol="media_report"}', 1],
    ['ringtap_hep_errors_total{reason="bad_report"}', 1],
  ] as const) {
    const found = value(stdout, series);
    assert.ok(Math.abs(found - expected) < 1e-4, `${series}: ${found}, not ${expected}`);
  }
});

test('the same without media: RTCP is not read, descriptions say nothing', async () => {
  const { stdout } = await replayHere('--hep.ports', '9060', '--no-rtp.capture', media);
  assert.equal(value(stdout, 'ringtap_hep_unread_total{protocol="rtcp"}'), 4);
  assert.ok(!/^rt[cp]+_.* [1-9]/m.test(stdout));
});
