// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { createLog, type LogFields } from './log.ts';

function lineOf(format: 'logfmt' | 'json', message: string, fields: LogFields): string {
  let text = '';
  createLog(format, (line) => {
    text += line;
  })('warn', message, fields);
  return text;
}

test('logfmt: one line, time, level, message and fields, quoted where needed', () => {
  assert.match(
    lineOf('logfmt', 'interface is down', { interface: 'eth0', count: 3 }),
    /^time=\d{4}-\d\d-\d\dT[\d:.]+Z level=warn msg="interface is down" interface=eth0 count=3\n$/,
  );
});

test('no value can end the line or begin another field', () => {
  const line = lineOf('logfmt', 'x', { name: 'a b="c"\nlevel=error', empty: '' });
  assert.equal(line.split('\n').length, 2);
  assert.ok(line.endsWith('name="a b=\\"c\\"\\nlevel=error" empty=""\n'));
});

test('json: one object a line', () => {
  const line = lineOf('json', 'x', { name: 'a\nb' });
  assert.equal(line.trimEnd().includes('\n'), false);
  const { level, msg, name } = JSON.parse(line) as Record<string, string>;
  assert.deepEqual([level, msg, name], ['warn', 'x', 'a\nb']);
});
