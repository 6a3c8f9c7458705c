// SPDX-License-Identifier: Apache-2.0
import { Worker } from 'node:worker_threads';
import type { Config } from '../config/config.ts';
import { parsePeers } from '../config/peers.ts';
import type { SeriesLayout } from '../exposition/series-layout.ts';
import { bringInterfaceUp } from '../sys/network-interface.ts';
import { enterNewNetworkNamespace } from '../sys/network-namespace.ts';
import { CommandError } from './command-error.ts';
import { createLog } from './log.ts';
import { firstStopSignal, startMonitor, untilStopped } from './monitor.ts';

const REPORT_MILLIS = 2000;

/**
 * `ringtap demo`: the real program on generated calls. The web server listens where the user is; capture and calls
 * live in a network namespace that this process alone is in and that ends with it, so nothing of the machine is
 * touched and nothing is left. Returns the exit code.
 */
export async function demo(config: Config, print: (line: string) => void): Promise<number> {
  const stopSignal = firstStopSignal();
  const log = createLog(config.logFormat);
  const demoConfig: Config = {
    ...config,
    interfaces: ['lo'],
    promiscuous: false,
    hepInput: undefined,
    hepOutput: undefined,
    analysis: {
      ...config.analysis,
      ports: [5060],
      peers: parsePeers('--sip.peer', ['server=127.0.0.1:5060']),
    },
  };
  const monitor = await startMonitor(demoConfig, log, enterOwnNetwork);
  // A thread is born into the namespace of the thread that makes it.
  const traffic = new Worker(new URL('./demo-traffic.ts', import.meta.url));
  traffic.on('error', (error: unknown) => {
    log('error', 'the demo calls failed', { error: String(error) });
    monitor.stop();
  });
  traffic.on('exit', () => monitor.stop());
  const [address] = monitor.server.addresses;
  print(`Generated calls run in a network namespace of their own. Look at ${address} and ${address}/metrics`);
  print('Ctrl-C ends it and leaves nothing behind.');
  const report = setInterval(() => print(summary(monitor.layout)), REPORT_MILLIS);
  try {
    return await untilStopped(monitor, log, stopSignal);
  } finally {
    clearInterval(report);
    await traffic.terminate();
  }
}

function enterOwnNetwork(): void {
  try {
    enterNewNetworkNamespace();
  } catch (error) {
    throw new CommandError(
      `the demo runs in a network namespace of its own, for which it needs CAP_SYS_ADMIN: run it as root (${(error as Error).message})`,
    );
  }
  bringInterfaceUp('lo');
}

/** One line of figures a user of SIP knows. */
function summary(layout: SeriesLayout): string {
  layout.refresh();
  const total = (name: string, ...parts: readonly string[]): number => layout.total(name, ...parts);
  const mos = 'rtp_interval_mos';
  const delay = 'sip_post_dial_delay_seconds';
  return [
    `calls ${total('sip_dialogs', 'state="confirmed"')}`,
    `ringing ${total('sip_dialogs', 'state="early"')}`,
    `attempts ${total('sip_session_attempts_total')}`,
    `answered ${decimals(total('sip_session_establishment_ratio') * 100, 1)} %`,
    `post-dial delay ${decimals(total(delay, '_sum') / total(delay, '_count'), 2)} s`,
    `retransmissions ${total('sip_retransmissions_total')}`,
    `registrations ${total('sip_registrations')}`,
    `streams ${total('rtp_streams')}`,
    `MOS ${decimals(total(mos, '_sum') / total(mos, '_count'), 2)}`,
    `packets dropped ${total('ringtap_capture_drops_total')}`,
  ].join('   ');
}

/** A number as people read it; `-` for NaN, where there is nothing yet. */
function decimals(value: number, count: number): string {
  return Number.isNaN(value) ? '-' : value.toFixed(count);
}
