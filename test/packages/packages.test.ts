// SPDX-License-Identifier: Apache-2.0
// What is delivered runs where nothing else of this folder is: the npm package and the Debian package.
import assert from 'node:assert/strict';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runCommand } from '../support/command.ts';

const root = join(import.meta.dirname, '../..');
const capture = join(root, 'test/golden/calls/captures/answer-202.pcap');
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  version: string;
  files: string[];
  scripts: Record<string, string>;
  dependencies: Record<string, string>;
};

function temporaryFolder(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-package-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs what is installed: its version, calls of a capture file, and, as root, a capture. */
async function checkThatItWorks(node: string, program: string): Promise<void> {
  const run = (...args: readonly string[]): Promise<string> =>
    runCommand(node, [program, ...args], { cwd: '/' });
  assert.match(await run('version'), new RegExp(`^ringtap ${manifest.version} \\(Node `));
  assert.match(
    await run('replay', capture),
    /^sip_session_attempt_results_total\{.*result="answered"\} [1-9]/m,
  );
  // Loads the foreign function interface and the packet filter.
  assert.match(await run('doctor', '-i', 'lo'), /^ringtap can run here\.$/m);
  // Reads a web configuration, so its libraries are there; there is no such interface, and no way to capture.
  const broken = join(dirname(program), 'web.yml');
  await assert.rejects(
    run(
      'run',
      '-i',
      'none',
      '--hep.listen-address',
      'udp:0',
      '--no-drop-privileges',
      '--web.config.file',
      broken,
    ),
    /web\.yml: no such file/,
  );
}

test('the npm package: its files are those that run, and nothing is run when it is installed', async (t) => {
  const folder = temporaryFolder(t);
  const source = join(folder, 'source');
  const files = (await runCommand('git', ['ls-files', '-z', '--cached'], { cwd: root })).split('\0');
  for (const file of files.filter((name) => name !== '' && existsSync(join(root, name)))) {
    cpSync(join(root, file), join(source, file));
  }
  symlinkSync(join(root, 'node_modules'), join(source, 'node_modules'));
  await runCommand('npm', ['pack', '--pack-destination', folder], { cwd: source, timeoutMillis: 60_000 });
  const installed = join(folder, 'empty/node_modules/ringtap');
  mkdirSync(installed, { recursive: true });
  const tarball = join(folder, `ringtap-${manifest.version}.tgz`);
  await runCommand('tar', ['-xzf', tarball, '-C', installed, '--strip-components=1']);
  assert.deepEqual(readdirSync(installed).sort(), [
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'bin',
    'bpf',
    'deploy',
    'dist',
    'docs',
    'package.json',
  ]);
  assert.equal(
    readdirSync(installed, { recursive: true }).some((name) => /(?<!\.d)\.ts$/.test(String(name))),
    false,
  );
  assert.deepEqual(
    Object.keys(manifest.scripts).filter((name) => /^(pre|post)?install$/.test(name)),
    [],
  );
  const bundledNode = `node-linux-${process.arch}`;
  for (const name of [...Object.keys(manifest.dependencies), '@koromix', bundledNode]) {
    cpSync(join(root, 'node_modules', name), join(folder, 'empty/node_modules', name), {
      recursive: true,
      dereference: true,
    });
  }
  const program = join(installed, 'bin/ringtap.js');
  await checkThatItWorks(process.execPath, program);
  // Whatever Node a user has, npm puts one that is new enough beside the package.
  const systemNode = '/usr/bin/node';
  const said = await runCommand(existsSync(systemNode) ? systemNode : process.execPath, [program, 'version']);
  assert.match(said, /\(Node 2[4-9]\./);
});

test('the Debian package: complete by itself, with the Node it runs on', async (t) => {
  const folder = temporaryFolder(t);
  await runCommand('env', ['DEB_COMPRESSION=0', join(root, 'scripts/build-deb.sh'), folder], {
    timeoutMillis: 120_000,
  });
  const [name = ''] = readdirSync(folder);
  const packed = join(folder, name);
  const fields = await runCommand('dpkg-deb', ['--field', packed]);
  assert.match(fields, /^Package: ringtap$/m);
  assert.match(fields, new RegExp(`^Version: ${manifest.version}$`, 'm'));
  const scratch = join(folder, 'root');
  await runCommand('dpkg-deb', ['-x', packed, scratch]);
  await runCommand('dpkg-deb', ['-e', packed, join(folder, 'control')]);
  for (const script of ['postinst', 'prerm', 'postrm'])
    await runCommand('sh', ['-n', join(folder, 'control', script)]);
  await runCommand('md5sum', ['--check', '--quiet', join(folder, 'control/md5sums')], { cwd: scratch });
  for (const line of readFileSync(join(folder, 'control/conffiles'), 'utf8').trim().split('\n')) {
    assert.ok(existsSync(join(scratch, line)), line);
  }
  const listing = await runCommand('dpkg-deb', ['-c', packed]);
  for (const line of listing.trim().split('\n')) {
    assert.match(line, /^[-dl][rwx-]{9} root\/root /);
    assert.doesNotMatch(line, /^.....w|^........w/, 'nobody but root writes');
  }
  // What the unit and the command start is there.
  const unit = readFileSync(join(scratch, 'usr/lib/systemd/system/ringtap.service'), 'utf8');
  const [, node, program] = /^ExecStart=(\S+) (\S+) run/m.exec(unit)!;
  const command = readFileSync(join(scratch, 'usr/bin/ringtap'), 'utf8');
  assert.ok(command.includes(`exec ${node} ${program} `));
  await checkThatItWorks(join(scratch, node!), join(scratch, program!));
});
