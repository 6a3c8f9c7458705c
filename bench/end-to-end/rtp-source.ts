// SPDX-License-Identifier: Apache-2.0
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LoadedBpfObject, loadBpfObject, updateMap } from '../../src/ebpf/bpf-loader.ts';
import { parseBpfObject } from '../../src/ebpf/bpf-object.ts';
import { BpfAttributes, type BpfCommand, bpf } from '../../src/sys/bpf.ts';
import { cBuffer } from '../../src/sys/libc.ts';
import { rtpFrame } from '../traffic/media-set.ts';

// Of linux/bpf.h.
const BPF_PROG_TEST_RUN = 10 as BpfCommand;
const BPF_F_TEST_XDP_LIVE_FRAMES = 2;
const attributesBytes = 80;
/** Packets that go up the stack together, as from a driver. */
const batchFrames = 64;

/**
 * RTP of many streams that the kernel makes itself and lets come in on lo of this network namespace: rtp-source.bpf.c.
 * Needs root and clang-19.
 */
export class RtpSource {
  readonly #object: LoadedBpfObject;
  readonly #frame: Uint8Array;

  constructor(streams: number) {
    const folder = mkdtempSync(join(tmpdir(), 'ringtap-bench-'));
    const object = join(folder, 'rtp-source.bpf.o');
    const source = join(import.meta.dirname, 'rtp-source.bpf.c');
    const architecture = process.arch === 'arm64' ? 'aarch64' : 'x86_64';
    const include = `/usr/include/${architecture}-linux-gnu`;
    try {
      const flags = ['-O2', '-g', '-Wall', '-Werror', '-target', 'bpf', '-mcpu=v3'];
      execFileSync('clang-19', [...flags, `-I${include}`, '-c', source, '-o', object]);
      this.#object = loadBpfObject(parseBpfObject(readFileSync(object)));
    } finally {
      rmSync(folder, { recursive: true });
    }
    const state = Uint32Array.of(streams, 0, 0, 0);
    updateMap(this.#object.map('source'), new Uint8Array(4), new Uint8Array(state.buffer));
    const frame = rtpFrame();
    this.#frame = cBuffer(frame.length);
    this.#frame.set(frame);
  }

  /** Lets the next packets come in, the streams in turn. */
  send(count: number): void {
    const attributes = new BpfAttributes(attributesBytes);
    attributes.setUint32(0, this.#object.program('rtp_source'));
    attributes.setUint32(8, this.#frame.length);
    attributes.setPointer(16, this.#frame);
    attributes.setUint32(32, count);
    attributes.setUint32(64, BPF_F_TEST_XDP_LIVE_FRAMES);
    attributes.setUint32(72, batchFrames);
    bpf(BPF_PROG_TEST_RUN, attributes, 'run an XDP program on live frames');
  }
}
