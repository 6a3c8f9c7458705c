// SPDX-License-Identifier: Apache-2.0
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pcapBytes } from '../support/pcap-formats.ts';
import { CaptureFolder } from '../support/read-capture.ts';
import { replayHere } from './replay.ts';
import { traffic } from './traffic.ts';

// `node test/replay/update-trace.ts` writes trace.txt, what --trace says of the packets of traffic.ts.

using folder = new CaptureFolder();
const path = folder.write('calls.pcap', pcapBytes({ linktype: 101 }, traffic()));
writeFileSync(join(import.meta.dirname, 'trace.txt'), (await replayHere('--trace', path)).stdout);
