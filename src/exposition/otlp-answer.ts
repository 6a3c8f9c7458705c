// SPDX-License-Identifier: Apache-2.0
import { protobufFields } from './protobuf-reader.ts';

// Field numbers of ExportMetricsServiceResponse, of what is in it, and of google.rpc.Status.
const Response = { partialSuccess: 1 } as const;
const PartialSuccess = { rejectedPoints: 1, message: 2 } as const;
const Status = { message: 2 } as const;

const textOf = (value: number | Uint8Array): string =>
  typeof value === 'number' ? '' : new TextDecoder().decode(value);

/** What an answer says that was not taken of a request; 0 and an empty text where all was. */
export function partialSuccessOf(body: Uint8Array): {
  readonly rejectedPoints: number;
  readonly message: string;
} {
  let rejectedPoints = 0;
  let message = '';
  for (const [field, partial] of protobufFields(body)) {
    if (field !== Response.partialSuccess || typeof partial === 'number') continue;
    for (const [number, value] of protobufFields(partial)) {
      if (number === PartialSuccess.rejectedPoints && typeof value === 'number') rejectedPoints = value;
      if (number === PartialSuccess.message) message = textOf(value);
    }
  }
  return { rejectedPoints, message };
}

/** Why a request was refused, as its answer says it: a message with a status. */
export function statusMessageOf(body: Uint8Array): string {
  let message = '';
  for (const [field, value] of protobufFields(body)) if (field === Status.message) message = textOf(value);
  return message;
}
