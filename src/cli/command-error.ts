// SPDX-License-Identifier: Apache-2.0

/** A command cannot go on; the message is a sentence for the user. */
export class CommandError extends Error {
  override readonly name = 'CommandError';
}
