// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomSource } from '../../support/random.ts';
import { callCases } from './cases.ts';
import { differences, type Figures } from './figures.ts';
import { replayFigures } from './monitor.ts';
import { overTcp, type TcpStyle } from './over-tcp.ts';
import { play } from './scenario.ts';

/** How the calls are sent; of most ways, every fifth call. */
const styles: Readonly<Record<string, TcpStyle & { readonly oneIn: number }>> = {
  'a segment a message': { hasHandshake: true, firstSequence: 1000, maxBytes: 65_000, oneIn: 5 },
  'met in the middle': { hasHandshake: false, firstSequence: 77, maxBytes: 1460, oneIn: 5 },
  'small segments over the end of sequence numbers': {
    hasHandshake: true,
    firstSequence: 2 ** 32 - 300,
    maxBytes: 150,
    oneIn: 5,
  },
  'any order, some twice, some overlapping': {
    hasHandshake: true,
    firstSequence: 2 ** 31 - 500,
    maxBytes: 100,
    oneIn: 1,
    isReordered: true,
    repeatOneIn: 5,
    overlapOneIn: 5,
  },
  'a byte a segment': { hasHandshake: false, firstSequence: 2 ** 32 - 1, maxBytes: 1, oneIn: 5 },
};

/** The same datagram that comes too late to be a copy is sent again for all UDP tells; a segment is still a copy. */
const isOfUdpOnly = ({ name }: { name: string }): boolean => name === 'duplicate-too-late';

/** What the calls must leave behind: the same, but that copies are found out below SIP. */
function withoutTransport(figures: Figures): Figures {
  const kept = [...figures].filter(
    ([name]) => !/^sip_(transport_messages|capture_duplicates)_total/.test(name),
  );
  return new Map(kept);
}

for (const [title, style] of Object.entries(styles)) {
  test(`the golden calls over TCP leave behind the same figures: ${title}`, () => {
    const random = randomSource(20_261_126);
    const first = Object.keys(styles).indexOf(title);
    const cases = callCases.filter((one) => !isOfUdpOnly(one));
    for (const callCase of cases.filter((_, i) => i % style.oneIn === first % style.oneIn)) {
      const frames = play(callCase);
      const expected = withoutTransport(replayFigures(frames));
      const figures = replayFigures(overTcp(frames, style, random));
      assert.deepEqual(differences(withoutTransport(figures), expected), [], callCase.name);
      const messages = frames.filter(({ kind, isDuplicate }) => kind !== undefined && !isDuplicate).length;
      assert.equal(figures.get('sip_transport_messages_total transport=tcp') ?? 0, messages, callCase.name);
    }
  });
}
