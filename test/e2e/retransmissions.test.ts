// SPDX-License-Identifier: Apache-2.0
// Needs root: network namespaces, packet sockets. SIPp throws away part of what it receives, and retransmits.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { figuresOf } from '../support/figures.ts';
import { openNetwork } from '../support/network.ts';
import { countMessages, countRetransmissions, startPacketJudge } from '../support/packet-judge.ts';
import { settle, startRingtap } from '../support/ringtap.ts';
import { startClient, startServer } from '../support/sipp.ts';

const calls = 60;

test('root: packets get lost: each call is one attempt, each repeated message a retransmission', async () => {
  await using network = await openNetwork();
  await using ringtap = await startRingtap(network.callee);
  await using judge = await startPacketJudge(network);
  const plan = { calls, callsPerSecond: 30, retransmits: true };
  await using _callee = await startServer(network.callee, { ...plan, scenario: 'uas-lossy' });
  {
    await using caller = await startClient(network, { ...plan, scenario: 'uac-lossy' });
    await caller.end();
  }
  const messages = await judge.messages();
  const figures = figuresOf(await settle(network, ringtap));

  // What a second pair of eyes says was on the wire. Which packets are lost is a matter of chance.
  const retransmissions = countRetransmissions(messages);
  for (const kind of ['INVITE request', 'INVITE response', 'BYE request']) {
    assert.ok(retransmissions[kind]! > 0, `no retransmission: ${kind}`);
  }
  assert.deepEqual(figures.retransmissions, retransmissions);
  assert.equal(figures.captureDuplicates, 0);
  assert.deepEqual({ requests: figures.requests, responses: figures.responses }, countMessages(messages));

  const callIds = (method: string, code: string): Set<string> =>
    new Set(messages.filter((one) => one.method === method && one.code === code).map(({ callId }) => callId));
  const invited = callIds('INVITE', '');
  const answered = callIds('INVITE', '200');
  const ended = callIds('BYE', '').intersection(answered);
  assert.ok(answered.size > calls / 2);
  assert.deepEqual(figures.attempts, { inbound: invited.size });
  assert.deepEqual(figures.results, { 'inbound answered': answered.size });
  assert.deepEqual(figures.codes, { 'inbound 200': answered.size });
  assert.deepEqual(figures.invitesByFinalCode, { 'inbound 200': answered.size });
  assert.deepEqual(figures.sessionsEnded, { 'inbound bye': ended.size });
  assert.equal(figures.delays['answer_delay'], answered.size);
  assert.equal(figures.delays['session_disconnect_delay success'], callIds('BYE', '200').size);
  assert.equal(figures.unknownDialogMessages, 0);
});
