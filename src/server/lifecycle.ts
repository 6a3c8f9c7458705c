// SPDX-License-Identifier: Apache-2.0
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http';

/** What HTTP clients may do with the program, where it is allowed. */
export interface Lifecycle {
  /** Resolves with what is wrong with the configuration; undefined where it is in force now. */
  reload(): Promise<string | undefined>;
  quit(): void;
}

interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers?: OutgoingHttpHeaders;
}

type Action = (lifecycle: Lifecycle) => Answer | Promise<Answer>;

const actions: ReadonlyMap<string, Action> = new Map<string, Action>([
  [
    '/-/reload',
    async (lifecycle) => {
      const problem = await lifecycle.reload();
      if (problem !== undefined) return { status: 500, text: `failed to reload config: ${problem}\n` };
      return { status: 200, text: 'The configuration is in force.\n' };
    },
  ],
  [
    '/-/quit',
    (lifecycle) => {
      lifecycle.quit();
      return { status: 200, text: 'Requesting termination... Goodbye!\n' };
    },
  ],
]);

/**
 * The answer to a request for one of the actions, as Prometheus gives it; undefined for any other. Pages of other sites
 * that a browser on this network shows may not ask for them.
 */
export async function lifecycleAnswer(
  lifecycle: Lifecycle | undefined,
  path: string,
  { method, headers }: IncomingMessage,
): Promise<Answer | undefined> {
  const action = actions.get(path);
  if (action === undefined) return undefined;
  if (method !== 'POST' && method !== 'PUT') {
    return { status: 405, text: 'Only POST or PUT requests allowed\n', headers: { Allow: 'POST, PUT' } };
  }
  if (lifecycle === undefined) {
    return { status: 403, text: 'Lifecycle API is not enabled: see --web.enable-lifecycle.\n' };
  }
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') {
    return { status: 403, text: 'Not for pages of other sites.\n' };
  }
  return await action(lifecycle);
}
