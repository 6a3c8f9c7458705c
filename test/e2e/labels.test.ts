// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. Calls of four carriers, two kinds of user agents and two countries.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addAddress, type Hosts, openNetwork } from '../support/network.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { startClient, startServer, together } from '../support/sipp.ts';

/** Who calls: the last number of its address, its carrier, what it says it is, and its number. */
const callers = [
  {
    host: 17,
    carrier: 'north',
    agent: 'Phone 2.1',
    type: 'phone',
    calls: 40,
    from: '+4930123',
    country: 'DE',
  },
  {
    host: 18,
    carrier: 'north',
    agent: 'sipp-SCANNER',
    type: 'scanner',
    calls: 10,
    from: '+33123',
    country: 'FR',
  },
  { host: 33, carrier: 'south', agent: 'phone', type: 'phone', calls: 30, from: '+49891', country: 'DE' },
  {
    host: 34,
    carrier: 'south',
    agent: 'a scanner',
    type: 'scanner',
    calls: 20,
    from: '0033456',
    country: 'FR',
  },
  {
    host: 35,
    carrier: 'south',
    agent: 'something else',
    type: 'unknown',
    calls: 15,
    from: 'alice',
    country: 'unknown',
  },
  { host: 49, carrier: 'east', agent: 'Phones', type: 'phone', calls: 25, from: '+33-1', country: 'FR' },
  {
    // Its address is of no carrier: From tells, and nothing in the answers.
    host: 81,
    carrier: 'west',
    agent: 'phone',
    type: 'phone',
    calls: 5,
    from: '030123',
    country: 'unknown',
  },
] as const;

const args = [
  ...['--labels.carrier', 'north=10.99.0.16/28', '--labels.carrier', 'south=10.99.0.0/26,10.99.0.32/28'],
  ...['--labels.carrier', 'east=10.99.0.48/28', '--labels.carrier', 'south=10.99.0.80/32'],
  ...['--labels.carrier-header', 'west=X-Carrier:west,f:*<sip:030*', '--labels.number-country'],
  ...['--labels.user-agent', 'phone=phone*', '--labels.user-agent', 'scanner=*scanner*'],
];

for (const workers of [1, 2]) {
  test(`root: four carriers, two kinds of user agents, two countries, ${workers} workers`, async () => {
    await using network = await openNetwork();
    const { caller, callee } = network;
    for (const { host } of callers) await addAddress(caller, `10.99.0.${host}`);
    await using ringtap = await startRingtap(callee, { args: [...args, '--capture.workers', `${workers}`] });
    const calls = callers.reduce((sum, one) => sum + one.calls, 0);
    await using server = await startServer(callee, { scenario: 'uas-call', calls });
    const clients = await Promise.all(
      callers.map(({ host, calls: count, ...keys }) => {
        const hosts: Hosts = { caller: { ...caller, ipv4: `10.99.0.${host}` }, callee };
        const plan = { scenario: 'uac-labelled', calls: count, callsPerSecond: 20 };
        return startClient(hosts, { ...plan, keys: { ...keys, to: '+41441234567' } });
      }),
    );
    await using all = together([...clients, server]);
    await all.succeed();
    const scrape = await settle(network, ringtap);
    const expected: Record<string, number> = {};
    for (const { carrier, type, country, calls: count } of callers)
      expected[`inbound ${carrier} ${type} ${country} CH`] = count;
    const labels = ['direction', 'carrier', 'ua_type', 'source_country', 'destination_country'];
    assert.deepEqual(scrape.byLabels('sip_session_attempts_total', labels), expected);
    assert.deepEqual(scrape.byLabels('sip_session_attempt_results_total', labels), expected);
    assert.deepEqual(scrape.byLabels('sip_sessions_ended_total', labels), expected);
    assert.deepEqual(scrape.byLabels('sip_session_duration_seconds_count', labels), expected);
    // Of responses, which the callee sends without a word about itself, the carrier is that they go to.
    const carriers = new Map<string, number>();
    for (const { carrier, calls: count } of callers) {
      const answered = carrier === 'west' ? 'unknown' : carrier;
      carriers.set(answered, (carriers.get(answered) ?? 0) + count);
    }
    assert.deepEqual(
      scrape.byLabels('sip_responses_total', ['direction', 'carrier', 'ua_type', 'method', 'code']),
      Object.fromEntries(
        [...carriers].flatMap(([carrier, count]) =>
          ['BYE 200', 'INVITE 180', 'INVITE 200'].map((answer) => [
            `outbound ${carrier} unknown ${answer}`,
            count,
          ]),
        ),
      ),
    );
    assert.equal(scrape.sum('sip_requests_total'), 3 * calls);
    assert.equal(scrape.sum('ringtap_metric_series_overflow_total'), 0);
  });
}
