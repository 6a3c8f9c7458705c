// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import type { IncomingMessage } from 'node:http';
import test from 'node:test';
import { type Lifecycle, lifecycleAnswer } from './lifecycle.ts';

class Recorder implements Lifecycle {
  problem: string | undefined;
  readonly calls: string[] = [];

  reload(): Promise<string | undefined> {
    this.calls.push('reload');
    return Promise.resolve(this.problem);
  }

  quit(): void {
    this.calls.push('quit');
  }
}

const requestOf = (method: string, headers: Record<string, string> = {}): IncomingMessage =>
  ({ method, headers }) as unknown as IncomingMessage;

test('POST and PUT reload and end the program, as in Prometheus', async () => {
  const lifecycle = new Recorder();
  for (const method of ['POST', 'PUT']) {
    assert.equal((await lifecycleAnswer(lifecycle, '/-/reload', requestOf(method)))?.status, 200);
    assert.equal((await lifecycleAnswer(lifecycle, '/-/quit', requestOf(method)))?.status, 200);
  }
  assert.deepEqual(lifecycle.calls, ['reload', 'quit', 'reload', 'quit']);
  lifecycle.problem = 'f.yaml:1:1: no';
  const failed = await lifecycleAnswer(lifecycle, '/-/reload', requestOf('POST'));
  assert.deepEqual(failed, { status: 500, text: 'failed to reload config: f.yaml:1:1: no\n' });
});

test('nothing happens for other methods, where it is not enabled, and for pages of other sites', async () => {
  const lifecycle = new Recorder();
  for (const path of ['/-/reload', '/-/quit']) {
    assert.equal((await lifecycleAnswer(lifecycle, path, requestOf('GET')))?.status, 405);
    assert.equal((await lifecycleAnswer(undefined, path, requestOf('POST')))?.status, 403);
    for (const site of ['cross-site', 'same-site']) {
      const request = requestOf('POST', { 'sec-fetch-site': site });
      assert.equal((await lifecycleAnswer(lifecycle, path, request))?.status, 403);
    }
  }
  assert.deepEqual(lifecycle.calls, []);
  for (const path of ['/', '/metrics', '/-/healthy', '/-/reload/']) {
    assert.equal(await lifecycleAnswer(lifecycle, path, requestOf('POST')), undefined);
  }
});
