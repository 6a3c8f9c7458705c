// SPDX-License-Identifier: Apache-2.0
import type { LoadedConfig } from '../config/load-config.ts';
import { formatPorts } from '../config/values.ts';
import { ConfigReload } from './config-reload.ts';
import { createLog, type Log } from './log.ts';
import { firstStopSignal, startMonitor, untilStopped } from './monitor.ts';
import { version } from './version.ts';

/** `ringtap run`: captures until it is told to stop; `loadAgain` reads its options anew. Returns the exit code. */
export async function run(
  { config, options }: LoadedConfig,
  loadAgain: () => Promise<LoadedConfig>,
): Promise<number> {
  const stopSignal = firstStopSignal();
  let { logFormat } = config;
  const log: Log = (level, message, fields) => createLog(logFormat)(level, message, fields);
  let configReload: ConfigReload | undefined;
  const reload = async (): Promise<string | undefined> =>
    configReload === undefined ? 'ringtap is starting: try again' : await configReload.reload();
  process.on('SIGHUP', () => void reload());
  const lifecycle = { reload, quit: () => process.kill(process.pid, 'SIGTERM') };
  log('info', 'starting ringtap', { version: version(), nodejs: process.versions.node });
  const monitor = await startMonitor(
    config,
    log,
    () => undefined,
    config.isLifecycleEnabled ? lifecycle : undefined,
  );
  configReload = new ConfigReload({
    options,
    load: loadAgain,
    apply: async (changed) => {
      await monitor.reconfigure(changed);
      logFormat = changed.logFormat;
    },
    metrics: monitor.configMetrics,
    log,
  });
  for (const address of monitor.server.addresses)
    log('info', 'serving metrics', { url: `${address}/metrics` });
  if (config.interfaces.length > 0) {
    log('info', 'capturing', {
      interfaces: config.interfaces.join(),
      ports: formatPorts(config.analysis.ports),
    });
  }
  return untilStopped(monitor, log, stopSignal);
}
