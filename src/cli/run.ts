// SPDX-License-Identifier: Apache-2.0
import type { LoadedConfig } from '../config/load-config.ts';
import { formatPorts } from '../config/values.ts';
import { ConfigReload } from './config-reload.ts';
import { createLog, type Log } from './log.ts';
import { firstStopSignal, startMonitor, untilStopped } from './monitor.ts';
import { dropPrivileges } from './privileges.ts';
import { serviceNotice } from './service-notice.ts';
import { version } from './version.ts';

/** `ringtap run`: captures until it is told to stop; `loadAgain` reads its options anew. Returns the exit code. */
export async function run(
  { config, options }: LoadedConfig,
  loadAgain: () => Promise<LoadedConfig>,
): Promise<number> {
  let { logFormat } = config;
  const log: Log = (level, message, fields) => createLog(logFormat)(level, message, fields);
  const opened = await dropPrivileges(config, loadAgain, log);
  const stopSignal = firstStopSignal();
  let configReload: ConfigReload | undefined;
  const reload = async (): Promise<string | undefined> =>
    configReload === undefined ? 'ringtap is starting: try again' : await serviceNotice.reload(configReload);
  process.on('SIGHUP', () => void reload());
  const lifecycle = { reload, quit: () => process.kill(process.pid, 'SIGTERM') };
  log('info', 'starting ringtap', { version: version(), nodejs: process.versions.node });
  const monitor = await startMonitor(
    config,
    log,
    () => undefined,
    config.isLifecycleEnabled ? lifecycle : undefined,
    opened,
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
    log('info', 'serving metrics', { url: `${address}${config.web.telemetryPath}` });
  if (config.interfaces.length > 0) {
    log('info', 'capturing', {
      interfaces: config.interfaces.join(),
      ports: formatPorts(config.analysis.ports),
    });
  }
  serviceNotice.ready(monitor.isAlive);
  return untilStopped(monitor, log, stopSignal);
}
