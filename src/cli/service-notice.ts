// SPDX-License-Identifier: Apache-2.0
import { notifyServiceManager, watchdogMillis } from '../sys/service-manager.ts';
import type { ConfigReload } from './config-reload.ts';

/** A worker tells that it runs once a second: asked more often, it would seem dead. */
const MIN_LIVENESS_MILLIS = 2_500;

/** Tells systemd what becomes of this service (sd_notify(3)); does nothing where nobody asked for it. */
export const serviceNotice = {
  /** All is open and running. From now on the watchdog, if there is one, hears that it is so as long as `isAlive`. */
  ready(isAlive: () => boolean): void {
    if (!notifyServiceManager('READY=1')) return;
    const millis = watchdogMillis(process.env, process.pid) / 2;
    if (millis === 0) return;
    setInterval(() => {
      if (millis < MIN_LIVENESS_MILLIS || isAlive()) notifyServiceManager('WATCHDOG=1');
    }, millis).unref();
  },

  /** The configuration is read again, which systemd waits for where the unit is Type=notify-reload. */
  async reload(configReload: ConfigReload): Promise<string | undefined> {
    const micros = process.hrtime.bigint() / 1000n;
    notifyServiceManager(`RELOADING=1\nMONOTONIC_USEC=${micros}`);
    const problem = await configReload.reload();
    notifyServiceManager('READY=1');
    return problem;
  },

  stopping(): void {
    notifyServiceManager('STOPPING=1');
  },
} as const;
