// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { callCases } from '../calls/cases.ts';
import { differences, type Figures, figuresOf } from '../calls/figures.ts';
import { replay } from '../calls/monitor.ts';
import { play } from '../calls/scenario.ts';
import { manners } from './manners.ts';
import { udpMessages } from './udp-message.ts';

// Copies of a frame are known by their IP identification, which neither TCP nor SCTP has for a message.
const captures = callCases.map(play).filter((frames) => !frames.some(({ isDuplicate }) => isDuplicate));
const frames = captures.flat().sort((a, b) => a.micros - b.micros);
const messages = udpMessages(frames);
const expected = figuresOf(replay(frames));

/** Families that count what carries messages. */
const ownFamilies = /^sip_(transport_messages|keepalives)_total /;
const meaningOf = (figures: Figures): Figures =>
  new Map([...figures].filter(([key]) => !ownFamilies.test(key)));

for (const manner of manners) {
  test(`${manner.name}: ${manner.meaning}: every case means what it means over UDP`, () => {
    const { frames: carried, extras } = manner.carry(messages);
    const exposition = replay(carried);
    const figures = figuresOf(exposition);
    assert.deepEqual(differences(meaningOf(figures), meaningOf(expected)), []);
    const own = [...figures].filter(([key]) => ownFamilies.test(key));
    assert.deepEqual(Object.fromEntries(own), ownFigures(manner.transport, extras));
    assert.deepEqual(notRead(exposition), notReadOf(extras));
  });
}

/** Messages by transport, and keep-alives. */
function ownFigures(transport: string, extras: Readonly<Record<string, number>>): Record<string, number> {
  const { pings = 0, pongs = 0 } = extras;
  const key = (label: string): string => `sip_transport_messages_total transport=${label}`;
  const count = expected.get(key('udp'))!;
  assert.ok(count > 1000, `${count} messages`);
  return {
    ...(pings > 0 && { 'sip_keepalives_total type=ping': pings }),
    ...(pongs > 0 && { 'sip_keepalives_total type=pong': pongs }),
    [key(transport)]: count,
  };
}

/** What ringtap says it did not read or saw twice, by name and label. */
function notRead(exposition: string): Record<string, number> {
  const pattern =
    /^ringtap_((?:websocket|sctp)_unread|stream_losses|decode_\w+|sctp_chunks)_total\{(?:.*,)?(\w+="\w+")\} (\d+)$/;
  const counts: Record<string, number> = {};
  for (const line of exposition.split('\n')) {
    const [, family, label = '', value] = pattern.exec(line) ?? [];
    // What makes time pass is ARP.
    if (family === undefined || value === '0' || /message|fragment"|unsupported_ethertype/.test(label))
      continue;
    counts[`${family} ${label}`] = Number(value);
  }
  return counts;
}

function notReadOf(extras: Readonly<Record<string, number>>): Record<string, number> {
  const { compressed = 0, duplicates = 0 } = extras;
  return {
    ...(compressed > 0 && { 'websocket_unread reason="compressed"': compressed }),
    ...(duplicates > 0 && { 'sctp_chunks kind="duplicate"': duplicates }),
  };
}
