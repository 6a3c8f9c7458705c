// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { CommandLine } from './command-line.ts';
import { configOf, parseConfig } from './config.ts';
import { parseConfigFile, readConfigFile } from './config-file.ts';
import { fileOptions, renderConfigJsonSchema } from './config-schema.ts';
import { isNamed } from './option-definition.ts';
import { runOptions } from './options.ts';
import { ConfigError } from './values.ts';

const parsed = (text: string): Record<string, readonly string[]> =>
  Object.fromEntries(parseConfigFile('f.yaml', text).values);

/** What is said about a file, a line each. */
function problemsOf(text: string): string[] {
  try {
    configOf(new CommandLine([], runOptions, [parseConfigFile('f.yaml', text)]));
    return [];
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.message.split('\n');
  }
}

test('values are the texts a command line would give', () => {
  const text = `
interface: [eth0, lo]
sip:
  ports: [5060, 5080-5090]
  detect: true
  max-headers: 100
  peer: { proxy: 192.0.2.1, "sbc": "[2001:db8::1]:5060" }
stream:
hep: { node: { 2001: a }, listen-address: udp:9060 }
fragments: { checksum: false }
`;
  assert.deepEqual(parsed(text), {
    interface: ['eth0', 'lo'],
    'sip.ports': ['5060,5080-5090'],
    'sip.detect': ['true'],
    'sip.max-headers': ['100'],
    'sip.peer': ['proxy=192.0.2.1', 'sbc=[2001:db8::1]:5060'],
    'hep.node': ['2001=a'],
    'hep.listen-address': ['udp:9060'],
    'fragments.checksum': ['false'],
  });
  assert.deepEqual(parsed(''), {});
  assert.deepEqual(parsed('# nothing\n'), {});
});

test('every option has its place in the file, and means there what it means on the command line', () => {
  /** What is made of it, or what is said of it behind its place. */
  const outcome = (place: string, read: () => unknown): unknown => {
    try {
      return read();
    } catch (error) {
      assert.ok(error instanceof ConfigError, String(error));
      return error.message.replace(place, '');
    }
  };
  for (const option of fileOptions) {
    const { name, value: form, default: preset } = option;
    const text = samples[name] ?? preset ?? (isNamed(option) ? 'a=192.0.2.1' : '1');
    const value = form === undefined ? true : form === 'N' ? Number(text) : text;
    const inFile = isNamed(option) ? Object.fromEntries([text.split('=')]) : value;
    const path = name.split('.');
    const content = path.reduceRight<unknown>((inner, part) => ({ [part]: inner }), inFile);
    const file = parseConfigFile('f.yaml', stringify(content));
    assert.deepEqual([...file.values.keys()], [name]);
    const args = form === undefined ? [`--${name}`] : [`--${name}`, text];
    assert.deepEqual(
      outcome(file.place(name), () => configOf(new CommandLine([], runOptions, [file]))),
      outcome(`--${name}`, () => parseConfig(args)),
      name,
    );
  }
});

const samples: Readonly<Record<string, string>> = {
  interface: 'eth7',
  'hep.allow': '192.0.2.1,2001:db8::/32',
  'hep.listen-address': 'udp:9060',
  'hep.node': '1=a',
  'hep.send': 'udp:192.0.2.1:9060',
};

test('what is wrong is told with file, line, column and what is right', () => {
  assert.deepEqual(
    problemsOf(`sip:
  prots: 5060
  ports: [5060, {}]
  retry-timeout: 5
  peer: { b: [true] }
  detect: yes
intreface: eth0
ports: 1
sip.detect: true
stream: 5
hep: { connections: 3 }
somethingelse: 1
web: { listen-adress: ":1" }
`),
    [
      'f.yaml:2:3: there is no option sip.prots: did you mean sip.ports?',
      'f.yaml:3:17: sip.ports takes a value or a list of values, not a map',
      'f.yaml:4:3: sip.retry-timeout takes a duration such as 500ms, 32s, 5m or 24h, not "5"',
      'f.yaml:5:15: sip.peer.b takes a text, ADDRESS[:PORT], not "true"',
      'f.yaml:6:3: sip.detect takes true or false, not "yes"',
      'f.yaml:7:1: there is no option intreface: did you mean interface?',
      'f.yaml:8:1: there is no option ports: did you mean sip.ports, sip: { ports: ... }?',
      'f.yaml:9:1: there is no option sip.detect in one piece: write sip: { detect: ... }',
      'f.yaml:10:1: stream takes options by their names, such as sip: { ports: 5060 }, not "5"',
      'f.yaml:11:8: there is no option hep.connections: did you mean hep.max-connections, hep: { max-connections: ... }?',
      'f.yaml:12:1: there is no option somethingelse; see docs/configuration.md',
      'f.yaml:13:8: there is no option web.listen-adress: did you mean web.listen-address?',
    ],
  );
  assert.deepEqual(problemsOf('- a\n'), [
    'f.yaml:1:1: the file takes options by their names, such as sip: { ports: 5060 }, not a list',
  ]);
});

test('values out of range are told with their place too', () => {
  for (const { name, value: form } of fileOptions) {
    const isAnyText =
      name === 'interface' || name === 'abuse.scanner-agents' || form === 'FILE' || form === 'KEY';
    if (form === undefined || isAnyText) continue;
    const option = fileOptions.find((definition) => definition.name === name)!;
    const wrong = form === 'N' ? 2 ** 40 : form === 'SIZE' ? 2 ** 39 : form === 'DURATION' ? '0s' : '!';
    const inFile = isNamed(option) ? { '!': '!' } : wrong;
    const content = name.split('.').reduceRight<unknown>((inner, part) => ({ [part]: inner }), inFile);
    const problems = problemsOf(`\n${stringify(content)}`);
    if (problems.length === 0) assert.ok(['0s', 2 ** 39].includes(wrong), `${name} takes ${wrong}`);
    const place = `f.yaml:${1 + name.split('.').length}:${2 * name.split('.').length - 1}: ${name}`;
    for (const problem of problems) assert.ok(problem.startsWith(place), `${name}: ${problem}`);
  }
});

test('YAML that is none, or too much of it', () => {
  assert.deepEqual(problemsOf('sip:\n  ports: 1\n  ports: 2\n'), ['f.yaml:3:3: Map keys must be unique']);
  assert.deepEqual(problemsOf('sip:\n\tports: 1\n'), ['f.yaml:2:1: Tabs are not allowed as indentation']);
  assert.deepEqual(problemsOf('sip: { ports: !!js/function 1 }\n'), [
    'f.yaml:1:15: Unresolved tag: tag:yaml.org,2002:js/function',
  ]);
  assert.match(problemsOf('a: 1\n---\nb: 2\n')[0]!, /^f\.yaml:2:1: .*multiple documents/);
  const laughs = Array.from({ length: 9 }, (_, i) => `a${i}: &a${i} [${`*a${i - 1},`.repeat(9)}]`);
  assert.match(problemsOf(`a-1: &a-1 x\n${laughs.join('\n')}`)[0]!, /^f\.yaml:1:1: Excessive alias count/);
  assert.match(problemsOf('['.repeat(100_000))[0]!, /^f\.yaml:1:\d+: there are too many levels$/);
  assert.match(problemsOf('{a: '.repeat(100_000))[0]!, /^f\.yaml:1:\d+: there are too many levels$/);
});

test('hostile text is understood or told about, and never anything else', () => {
  const word = fc.constantFrom(
    ...[
      'sip',
      'ports',
      'peer',
      'a',
      '5060',
      '32s',
      'true',
      '~',
      '__proto__',
      'constructor',
      '<<',
      '&x',
      '*x',
      '!!int',
    ],
    ...[
      ': ',
      ', ',
      '- ',
      '{',
      '}',
      '[',
      ']',
      '\n',
      '\n  ',
      '\t',
      '"',
      "'",
      '|',
      '>',
      '#',
      '%',
      '---',
      '...',
      '?',
      '\0',
    ],
  );
  const text = fc.oneof(
    fc.array(word, { maxLength: 30 }).map((words) => words.join('')),
    fc.string({ unit: 'binary' }),
  );
  fc.assert(
    fc.property(text, (hostile) => {
      for (const problem of problemsOf(hostile)) assert.match(problem, /^f\.yaml:\d+:\d+: ./);
      assert.equal(({} as Record<string, unknown>)['ports'], undefined, 'no prototype is changed');
    }),
    { numRuns: 3000 },
  );
});

test('files that cannot be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-config-'));
  try {
    const file = join(folder, 'f.yaml');
    assert.throws(() => readConfigFile(file), /cannot read the configuration file .*f\.yaml \(ENOENT\)/);
    assert.throws(() => readConfigFile(folder), /\(EISDIR\)/);
    writeFileSync(file, Uint8Array.of(0x61, 0xff));
    assert.throws(() => readConfigFile(file), /is not UTF-8/);
    writeFileSync(file, '\ufeffsip: { ports: 5060 }\n');
    assert.deepEqual(readConfigFile(file).values.get('sip.ports'), ['5060']);
    assert.throws(() => readConfigFile('/dev/zero'), /is longer than 16777216 bytes/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('docs/config.schema.json is what npm run docs writes', () => {
  const file = new URL('../../docs/config.schema.json', import.meta.url);
  assert.equal(readFileSync(file, 'utf8'), renderConfigJsonSchema());
});
