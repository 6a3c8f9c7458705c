// SPDX-License-Identifier: Apache-2.0
import { readlinkSync } from 'node:fs';
import { setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import bcrypt from 'bcryptjs';
import type { PasswordQuestion, PasswordVerdict } from './passwords.ts';

/** Behind everything else: whoever guesses passwords shall not take time from the capture. */
const NICE = 10;

function answer({ id, password, hash }: PasswordQuestion): PasswordVerdict {
  try {
    return { id, isRight: bcrypt.compareSync(password, hash) };
  } catch {
    return { id, isRight: false };
  }
}

function run(port: NonNullable<typeof parentPort>): void {
  try {
    setPriority(Number(readlinkSync('/proc/thread-self').split('/').at(-1)), NICE);
  } catch {
    // Not Linux: the queue is bounded anyway.
  }
  port.on('message', (question: PasswordQuestion) => port.postMessage(answer(question)));
}

// Imported by anyone but a thread of `Passwords` it does nothing.
if (parentPort !== null) run(parentPort);
