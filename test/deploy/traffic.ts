// SPDX-License-Identifier: Apache-2.0
import { join } from 'node:path';
import { planOf } from '../e2e/expected-figures.ts';
import { type Flow, flows, registrationFlows } from '../e2e/flows.ts';
import { Scenario } from '../golden/media/scenario.ts';
import { runCommand } from '../support/command.ts';
import { sendDatagrams } from '../support/datagrams.ts';
import type { Hosts } from '../support/network.ts';
import { writePcap } from '../support/pcap.ts';
import { runCalls } from '../support/sipp.ts';

/** The peer of a golden capture whose answers change. */
export const flappingPeer = 'shaky=10.70.186.60';

const ETHERNET = 1;
const golden = join(import.meta.dirname, '../golden');

/** The countries of addresses in a golden capture. */
export const countryFile: string = join(golden, 'abuse/captures/countries.mmdb');

/** Ports of SIP in it. */
export const sipPorts = '5060,5062,5064';

/** All at once: SIPp's calls and registrations, calls with media, RTCP, and what goes wrong on a wire. About 20 s. */
export async function sendTraffic(hosts: Hosts, folder: string): Promise<void> {
  const media = join(folder, 'media.pcap');
  writePcap(media, ETHERNET, mediaCalls().records);
  await Promise.all([
    runSipp(hosts, 5060, [
      [flows.answered, 30],
      [flows.options, 4],
      [flows.canceled, 4],
    ]),
    runSipp(hosts, 5062, [
      [flows.busy, 4],
      [flows.serverError, 4],
      [flows.redirected, 2],
      [flows.challenged407, 2],
    ]),
    runSipp(hosts, 5064, [
      [registrationFlows.registered, 10],
      [registrationFlows.registeredWithWrongPassword, 4],
      [registrationFlows.forbidden, 4],
    ]),
    replay(hosts, [], media),
    replay(hosts, [], `${golden}/rtp/captures/bursts.pcap`),
    replay(hosts, ['--duration', '17'], `${golden}/rtcp/recorded/baresip-mux.pcap`),
    replay(hosts, ['--multiplier', '100'], `${golden}/calls/captures/peer-flaps.pcap`),
    replay(
      hosts,
      ['--pps', '100'],
      ...['registration-scan', 'bursts', 'scanner-agents', 'session-limit', 'account-countries'].map(
        (name) => `${golden}/abuse/captures/${name}.pcap`,
      ),
    ),
    replay(
      hosts,
      ['--pps', '200'],
      ...['bye-reason-q850', 'mid-call-bye', 'mirror-retransmissions', 'redirect-not-followed'].map(
        (name) => `${golden}/calls/captures/${name}.pcap`,
      ),
      `${golden}/decode/ethernet.pcap`,
      `${golden}/decode/tunnels.pcap`,
    ),
    sendDatagrams(hosts, 5060, [Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.from('nothing at all')]),
  ]);
}

/** Flows on one port, one after another. */
async function runSipp(
  hosts: Hosts,
  port: number,
  runs: readonly (readonly [Flow, number])[],
): Promise<void> {
  for (const [flow, calls] of runs) {
    await runCalls(hosts, planOf({ flow, calls }, { callsPerSecond: 10, port }));
  }
}

/** Voice both ways, one way, and from the called side only long after its answer. */
function mediaCalls(): Scenario {
  const scenario = new Scenario();
  const call = (name: string, port: number, calleeBegins: number | undefined): void => {
    const caller = `192.0.2.1:${port}`;
    const callee = `192.0.2.2:${port + 1000}`;
    scenario.answered(1, name, caller, callee);
    scenario.voice({ from: caller, to: callee, begin: 1.1, end: 9 });
    if (calleeBegins !== undefined) scenario.voice({ from: callee, to: caller, begin: calleeBegins, end: 9 });
    scenario.bye(9, name);
  };
  call('both-ways', 14_000, 1.2);
  call('one-way', 14_010, undefined);
  call('false-answer', 14_020, 6);
  // Nobody said which codec this is.
  scenario.answered(1, 'no-codec', '192.0.2.1:14030', '192.0.2.2:15030');
  scenario.voice({ from: '192.0.2.1:14030', to: '192.0.2.2:15030', begin: 1, end: 6, payloadType: 97 });
  scenario.bye(6, 'no-codec');
  return scenario;
}

async function replay(hosts: Hosts, options: readonly string[], ...files: readonly string[]): Promise<void> {
  const { namespace, interfaceName } = hosts.caller;
  await runCommand('tcpreplay', ['--quiet', ...options, '-i', interfaceName, ...files], { namespace });
}
