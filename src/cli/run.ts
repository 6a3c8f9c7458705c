// SPDX-License-Identifier: Apache-2.0
import type { Config } from '../config/config.ts';
import { formatPorts } from '../config/values.ts';
import { createLog } from './log.ts';
import { firstStopSignal, startMonitor, untilStopped } from './monitor.ts';
import { dropPrivileges } from './privileges.ts';
import { serviceNotice } from './service-notice.ts';
import { version } from './version.ts';

/** `ringtap run`: captures until it is told to stop. Returns the exit code. */
export async function run(config: Config): Promise<number> {
  const log = createLog(config.logFormat);
  const opened = dropPrivileges(config, log);
  const stopSignal = firstStopSignal();
  log('info', 'starting ringtap', { version: version(), nodejs: process.versions.node });
  const monitor = await startMonitor(config, log, () => undefined, opened);
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
