// SPDX-License-Identifier: Apache-2.0

/** A field of a message: a number, or the bytes of a text or of a message within. */
export type ProtobufField = readonly [number: number, value: number | Uint8Array];

/**
 * The fields of a message, one after the other, up to where the bytes are none: they come from another program. Integers above
 * 2^53, negative ones among them, are not exact; fixed ones are left out.
 */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  for (let at = 0; at < bytes.length; ) {
    const tag = readVarint(bytes, at);
    if (tag === undefined) return;
    const field = Math.floor(tag.value / 8);
    const wire = tag.value % 8;
    at = tag.end;
    if (wire === 1) at += 8;
    else if (wire === 5) at += 4;
    else if (wire === 0 || wire === 2) {
      const number = readVarint(bytes, at);
      if (number === undefined) return;
      at = number.end;
      if (wire === 0) yield [field, number.value];
      else {
        const end = at + number.value;
        if (end > bytes.length) return;
        yield [field, bytes.subarray(at, end)];
        at = end;
      }
    } else return;
  }
}

function readVarint(bytes: Uint8Array, start: number): { value: number; end: number } | undefined {
  let value = 0;
  let factor = 1;
  for (let at = start; at < Math.min(bytes.length, start + 10); at++, factor *= 128) {
    value += (bytes[at]! & 127) * factor;
    if (bytes[at]! < 128) return { value, end: at + 1 };
  }
  return undefined;
}
