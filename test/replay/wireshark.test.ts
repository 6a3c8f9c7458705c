// SPDX-License-Identifier: Apache-2.0
// The readers and the trace against Wireshark's own tools.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import test from 'node:test';
import { captureVariants } from '../support/capture-variants.ts';
import { runCommand } from '../support/command.ts';
import { pcapBytes, pcapngBytes } from '../support/pcap-formats.ts';
import { randomSource } from '../support/random.ts';
import { CaptureFolder, type ReadCapture, readCapture } from '../support/read-capture.ts';
import { ethernet } from '../support/udp-frame.ts';
import { replayHere } from './replay.ts';
import { traffic } from './traffic.ts';

const ETHERNET = 1;
const RAW = 101;
const records = traffic().map((record) => ({ ...record, bytes: ethernet(0x0800, record.bytes) }));

/** What tshark reads of a file: number, time in microseconds, lengths, bytes. */
async function judged(path: string): Promise<string[]> {
  const fields = ['frame.number', 'frame.time_epoch', 'frame.cap_len', 'frame.len'].flatMap((name) => [
    '-e',
    name,
  ]);
  const output = await runCommand('tshark', ['-n', '-r', path, '-T', 'fields', ...fields]);
  return output
    .trim()
    .split('\n')
    .map((line) => {
      const [number, time = '', captured, length] = line.split('\t');
      const [seconds, fraction = ''] = time.split('.');
      return [number, `${seconds}${fraction.padEnd(9, '0').slice(0, 6)}`, captured, length].join(' ');
    });
}

const ours = ({ packets }: ReadCapture): string[] =>
  packets.map(({ number, micros, bytes, originalLength }) =>
    [number, Math.floor(micros), bytes.length, originalLength].join(' '),
  );

test('what the tests write, tshark and capinfos read the same way', async () => {
  using folder = new CaptureFolder();
  for (const [name, bytes] of captureVariants(ETHERNET, records)) {
    const path = folder.write(name, bytes);
    const capture = await readCapture(path);
    // Wireshark 4.0 keeps nanoseconds and gets the fractions of finer times wrong.
    if (name !== 'picos.pcapng') assert.deepEqual(ours(capture), await judged(path), name);
    const counted = await runCommand('capinfos', ['-c', '-M', '-T', '-r', path]);
    assert.equal(Number(counted.trim().split('\t')[1]), capture.packetCounts[0], name);
  }
});

test('what editcap and text2pcap write is read as it was', async () => {
  using folder = new CaptureFolder();
  const source = folder.write(
    'source',
    pcapngBytes({ interfaces: [{ linktype: ETHERNET, name: 'eth7' }], packets: records }),
  );
  const expected = await readCapture(source);
  for (const format of ['pcap', 'nsecpcap', 'modpcap', 'pcapng']) {
    const path = join(folder.path, format);
    await runCommand('editcap', ['-F', format, source, path]);
    const read = await readCapture(path);
    assert.deepEqual(ours(read), ours(expected), format);
    for (const [i, { bytes, interfaceName }] of read.packets.entries()) {
      assert.ok(Buffer.from(bytes).equals(Buffer.from(expected.packets[i]!.bytes)), `${format} ${i}`);
      assert.equal(interfaceName, format === 'pcapng' ? 'eth7' : 'file');
    }
  }
  const cut = join(folder.path, 'cut');
  await runCommand('editcap', ['-s', '60', source, cut]);
  assert.deepEqual(ours(await readCapture(cut)), await judged(cut));

  const text = records
    .map(
      ({ bytes }) => `000000 ${Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ')}\n`,
    )
    .join('');
  const made = join(folder.path, 'made');
  await runCommand('text2pcap', [folder.write('text', Buffer.from(text)), made]);
  const read = await readCapture(made);
  assert.deepEqual(ours(read), await judged(made));
  assert.equal(read.packets.length, records.length);
});

test('several files give what mergecap makes of them', async () => {
  using folder = new CaptureFolder();
  const random = randomSource(4);
  const parts = [0, 1, 2].map((part) => {
    const own = records.filter((_, i) => (i * 7) % 3 === part);
    // Packets that stand in a file before an earlier one.
    const at = random(own.length - 1);
    [own[at], own[at + 1]] = [own[at + 1]!, own[at]!];
    return folder.write(`${part}`, pcapBytes({ linktype: ETHERNET }, own));
  });
  const merged = join(folder.path, 'merged.pcap');
  await runCommand('mergecap', ['-F', 'pcap', '-w', merged, ...parts]);
  const times = ({ packets }: ReadCapture): number[] => packets.map(({ micros }) => micros);
  assert.deepEqual(times(await readCapture(...parts)), times(await readCapture(merged)));
  assert.ok((await replayHere(...parts)).stdout === (await replayHere(merged)).stdout);
});

test('the trace has the frame numbers, times, addresses and messages that tshark shows', async () => {
  using folder = new CaptureFolder();
  const path = folder.write('calls.pcap', pcapBytes({ linktype: RAW }, traffic()));
  const fields = ['frame.number', 'ip.src', 'udp.srcport', 'ip.dst', 'udp.dstport'];
  const sipFields = ['sip.Method', 'sip.Status-Code', 'sip.CSeq', 'sip.Call-ID'];
  const args = ['-n', '-d', 'udp.port==40002,sip', '-r', path, '-Y', 'sip.CSeq', '-T', 'fields'];
  const output = await runCommand('tshark', [
    ...args,
    ...[...fields, ...sipFields].flatMap((name) => ['-e', name]),
  ]);
  const expected = output
    .trim()
    .split('\n')
    .map((line) => {
      const [number, source, sourcePort, destination, destinationPort, method, code, cseq, callId] =
        line.split('\t');
      const [, cseqNumber, cseqMethod] = /^(\d+) (\w+)$/.exec(cseq!)!;
      const start = method ? 'request' : 'response';
      return [
        number,
        start,
        `${source}:${sourcePort}`,
        `${destination}:${destinationPort}`,
        code,
        cseqMethod,
        cseqNumber,
        callId,
      ].join(' ');
    });
  const { stdout } = await replayHere('--trace', path);
  const shape =
    /^(\d+) \S+ (request|response) source=(\S+) destination=(\S+) (?:code=(\d+) )?method=(\w+) (?:uri="[^"]*" )?cseq=(\d+) call_id="([^"]*)"$/gm;
  const traced = [...stdout.matchAll(shape)].map((match) =>
    match
      .slice(1)
      .map((text) => text ?? '')
      .join(' '),
  );
  assert.deepEqual(traced, expected);
  assert.ok(traced.length > 20);
});
