// SPDX-License-Identifier: Apache-2.0
// node bench/generate-flood.ts --invites 10000000 | ringtap replay -
import { parseArgs } from 'node:util';
import { writeCaptureTo } from './traffic/capture-writer.ts';
import { FloodStream } from './traffic/flood-stream.ts';

const { values } = parseArgs({
  options: {
    'established-calls': { type: 'string', default: '1000' },
    invites: { type: 'string', default: '10000000' },
    'refresh-rounds': { type: 'string', default: '4' },
    'session-expires-seconds': { type: 'string', default: '120' },
    'frames-per-second': { type: 'string', default: '50000' },
  },
});
const stream = new FloodStream({
  establishedCalls: Number(values['established-calls']),
  invites: Number(values.invites),
  refreshRounds: Number(values['refresh-rounds']),
  sessionExpiresSeconds: Number(values['session-expires-seconds']),
});
writeCaptureTo(1, stream, Number(values['frames-per-second']));
