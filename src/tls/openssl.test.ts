// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { type Certificate, makeCertificate } from '../../test/support/certificates.ts';
import { waitUntil } from '../../test/support/deadline.ts';
import { readRecording, type TlsReading } from '../../test/support/tls-reading.ts';
import { listen, type Piece, type Recorder, startRecorder } from '../../test/support/tls-recording.ts';
import { TlsState } from './tls-result.ts';

// What node:tls cannot do, between the client and the server of openssl(1).

/** An openssl whose input stays open; it is killed with this process. */
class OpenSsl implements AsyncDisposable {
  readonly child: ChildProcessWithoutNullStreams;
  output = '';

  constructor(args: readonly string[]) {
    this.child = spawn('setpriv', ['--pdeathsig', 'KILL', 'openssl', ...args]);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream.on('data', (text) => {
        this.output += text;
      });
    }
  }

  type(line: string): void {
    this.child.stdin.write(`${line}\n`);
  }

  async shows(text: string, times = 1): Promise<void> {
    const isThere = (): true | undefined => (this.output.split(text).length > times ? true : undefined);
    await waitUntil(`openssl shows ${text}`, isThere, 10_000, () => this.output);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    this.child.kill('SIGKILL');
    await once(this.child, 'close');
  }
}

/** A server with a recorder before it; clients connect one after the other. */
class Peers implements AsyncDisposable {
  readonly server: OpenSsl;
  readonly #keyLog: string;
  readonly #recorder: Recorder;

  private constructor(server: OpenSsl, recorder: Recorder, keyLog: string) {
    this.server = server;
    this.#recorder = recorder;
    this.#keyLog = keyLog;
  }

  static async start(certificate: Certificate, args: readonly string[]): Promise<Peers> {
    const { folder, keyFile, certFile } = certificate;
    const port = await freePort();
    const keyLog = join(folder, `keys-${port}.log`);
    const server = new OpenSsl([
      ...['s_server', '-accept', `127.0.0.1:${port}`, '-key', keyFile, '-cert', certFile],
      ...['-keylogfile', keyLog, ...args],
    ]);
    await server.shows('ACCEPT');
    return new Peers(server, await startRecorder(port), keyLog);
  }

  connect(args: readonly string[]): OpenSsl {
    return new OpenSsl(['s_client', '-connect', `127.0.0.1:${this.#recorder.port}`, ...args]);
  }

  /** What was opened of the connection before the last one, or of the last one. */
  read(cut = 0, connection = -1): TlsReading {
    return readRecording(
      this.#recorder.connections.at(connection)!,
      readFileSync(this.#keyLog, 'latin1'),
      cut,
    );
  }

  get pieces(): readonly Piece[] {
    return this.#recorder.connections.at(-1)!;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.server[Symbol.asyncDispose]();
    await this.#recorder[Symbol.asyncDispose]();
  }
}

async function freePort(): Promise<number> {
  const probe = net.createServer();
  const port = await listen(probe);
  probe.close();
  await once(probe, 'close');
  return port;
}

test('TLS 1.3: both sides update their keys, twice', async () => {
  using certificate = await makeCertificate();
  await using peers = await Peers.start(certificate, ['-tls1_3']);
  await using client = peers.connect(['-tls1_3']);
  const { server } = peers;
  client.type('first');
  await server.shows('first');
  for (const [updates, name] of ['second', 'third'].entries()) {
    // Updates the client's key and asks the server for the same.
    client.type('K');
    await client.shows('KEYUPDATE', updates + 1);
    client.type(`${name} up`);
    await server.shows(`${name} up`);
    server.type(`${name} down`);
    await client.shows(`${name} down`);
  }
  for (const cut of [0, 1]) {
    const reading = peers.read(cut);
    assert.equal(reading.connection.state, TlsState.open);
    assert.equal(reading.text(0), 'first\nsecond up\nthird up\n');
    assert.equal(reading.text(1), 'second down\nthird down\n');
  }
});

test('TLS 1.2: new keys by renegotiation', async () => {
  using certificate = await makeCertificate();
  await using peers = await Peers.start(certificate, ['-tls1_2', '-client_renegotiation']);
  await using client = peers.connect(['-tls1_2']);
  const { server } = peers;
  client.type('before');
  await server.shows('before');
  client.type('R');
  await client.shows('RENEGOTIATING');
  client.type('behind');
  await server.shows('behind');
  server.type('answer');
  await client.shows('answer');
  const reading = peers.read();
  assert.equal(reading.connection.state, TlsState.open);
  assert.equal(reading.text(0), 'before\nbehind\n');
  assert.equal(reading.text(1), 'answer\n');
});

test('TLS 1.3: early data is passed over, what is behind it is opened', async () => {
  using certificate = await makeCertificate();
  const { folder } = certificate;
  await using peers = await Peers.start(certificate, ['-tls1_3', '-early_data', '-no_anti_replay']);
  const session = join(folder, 'session.pem');
  const { server } = peers;
  {
    await using client = peers.connect(['-tls1_3', '-sess_out', session]);
    await waitUntil('there is a ticket', () => (existsSync(session) ? true : undefined), 10_000);
    client.type('without');
    await server.shows('without');
  }
  const early = join(folder, 'early');
  writeFileSync(early, 'early data');
  await using client = peers.connect(['-tls1_3', '-sess_in', session, '-early_data', early]);
  await server.shows('early data');
  client.type('late data');
  await server.shows('late data');
  const reading = peers.read();
  assert.equal(reading.connection.state, TlsState.open);
  assert.equal(reading.text(0), 'late data\n');
});

test('TLS 1.3: padded records', async () => {
  using certificate = await makeCertificate();
  await using peers = await Peers.start(certificate, ['-tls1_3', '-record_padding', '512']);
  await using client = peers.connect(['-tls1_3', '-record_padding', '300']);
  client.type('question');
  await peers.server.shows('question');
  peers.server.type('answer');
  await client.shows('answer');
  const reading = peers.read();
  assert.equal(reading.text(0), 'question\n');
  assert.equal(reading.text(1), 'answer\n');
  assert.ok(peers.pieces.some(({ direction, bytes }) => direction === 1 && bytes.length === 512 + 5 + 16));
});
