// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callCases } from '../calls/cases.ts';
import { differences, type Figures, figuresOf } from '../calls/figures.ts';
import { replay } from '../calls/monitor.ts';
import { play } from '../calls/scenario.ts';
import { manners } from './manners.ts';
import { udpMessages } from './udp-message.ts';

/** Copies of a frame are known by their IP identification, which neither TCP nor SCTP has for a message. */
const captures = callCases
  .map((callCase) => ({ name: callCase.name, frames: play(callCase) }))
  .filter(({ frames }) => !frames.some(({ isDuplicate }) => isDuplicate))
  .map(({ name, frames }) => ({ name, messages: udpMessages(frames), expected: figuresOf(replay(frames)) }));

const ownFamilies = /^sip_(transport_messages|keepalives)_total /;

for (const manner of manners) {
  test(`${manner.name}: ${manner.meaning}: every case gives the figures it gives over UDP`, () => {
    assert.ok(captures.length > 100);
    for (const { name, messages, expected } of captures) {
      const { frames, extras } = manner.carry(messages);
      const exposition = replay(frames);
      const figures = figuresOf(exposition);
      const own = new Map<string, number>();
      for (const [key, value] of figures) if (ownFamilies.test(key)) own.set(key, value);
      const meaning = (all: Figures): Figures => new Map([...all].filter(([key]) => !ownFamilies.test(key)));
      assert.deepEqual(differences(meaning(figures), meaning(expected)), [], name);
      assert.deepEqual(own, ownFigures(expected, manner.transport, extras), name);
      assert.deepEqual(notRead(exposition), notReadOf(extras), name);
    }
  });
}

/** Messages by transport, and keep-alives. */
function ownFigures(expected: Figures, transport: string, extras: Readonly<Record<string, number>>): Figures {
  const own: Figures = new Map();
  const add = (key: string, value: number | undefined): void => {
    if (value !== undefined && value > 0) own.set(key, value);
  };
  add('sip_keepalives_total type=ping', extras['pings']);
  add('sip_keepalives_total type=pong', extras['pongs']);
  add(
    `sip_transport_messages_total transport=${transport}`,
    expected.get('sip_transport_messages_total transport=udp'),
  );
  return own;
}

/** What ringtap says it did not read or saw twice, by name and label. */
function notRead(exposition: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const line of exposition.split('\n')) {
    const found =
      /^ringtap_((?:websocket|sctp)_unread|stream_losses|decode_\w+|sctp_chunks)_total\{.*?(\w+="\w+")\} (\d+)$/.exec(
        line,
      );
    if (found === null || found[3] === '0') continue;
    const name = `${found[1]} ${found[2]}`;
    if (!/kind="(message|fragment)"/.test(name)) counts[name] = Number(found[3]);
  }
  return counts;
}

function notReadOf({
  compressed = 0,
  duplicates = 0,
}: Readonly<Record<string, number>>): Record<string, number> {
  return {
    ...(compressed > 0 && { 'websocket_unread reason="compressed"': compressed }),
    ...(duplicates > 0 && { 'sctp_chunks kind="duplicate"': duplicates }),
  };
}
