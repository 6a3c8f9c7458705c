// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { replayHere, valuesOf } from '../../replay/replay.ts';

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
