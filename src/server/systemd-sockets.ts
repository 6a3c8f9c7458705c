// SPDX-License-Identifier: Apache-2.0
import { ListenError } from './listen-address.ts';

/** The first descriptor that is passed, see sd_listen_fds(3). */
const FIRST_DESCRIPTOR = 3;
const MAX_DESCRIPTORS = 64;

/**
 * Descriptors of the listening sockets that systemd opened for this process; the variables that say so are taken out of
 * `environment`, so that no child takes them for its own. Throws a `ListenError` where there are none.
 */
export function listeningDescriptors(environment: NodeJS.ProcessEnv, pid: number): readonly number[] {
  const { LISTEN_PID: forPid, LISTEN_FDS: countText } = environment;
  for (const name of ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES']) delete environment[name];
  const count = Number(countText ?? 0);
  if (forPid !== `${pid}` || !(count >= 1 && count <= MAX_DESCRIPTORS)) {
    throw new ListenError(
      '--web.systemd-socket: systemd passed no socket to this process. Start it by a socket unit such as deploy/systemd/ringtap.socket, with ExecStart=NODE bin/ringtap.js, or leave the option out.',
    );
  }
  return Array.from({ length: count }, (_, i) => FIRST_DESCRIPTOR + i);
}
