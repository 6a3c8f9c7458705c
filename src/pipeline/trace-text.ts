// SPDX-License-Identifier: Apache-2.0

/** Bytes of a text from the wire that are shown. */
export const MAX_TEXT_BYTES = 128;

/**
 * Text from the wire, in quotes: printable ASCII as it is, every other byte, quotes and backslashes as `\xNN`. What is
 * beyond MAX_TEXT_BYTES is left out, and three dots behind the quotes say so.
 */
export function wireText(bytes: Uint8Array, offset: number, length: number): string {
  const end = offset + Math.min(length, MAX_TEXT_BYTES);
  let text = '"';
  for (let i = offset; i < end; i++) {
    const byte = bytes[i]!;
    const isPlain = byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c;
    text += isPlain ? String.fromCharCode(byte) : `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return length > MAX_TEXT_BYTES ? `${text}"...` : `${text}"`;
}

/** The name of a record: 8 hexadecimal digits. */
export function recordText(name: number): string {
  return (name >>> 0).toString(16).padStart(8, '0');
}

/** Packet time with six digits behind the second, such as `2026-11-23T17:40:28.000123Z`. */
export function timeText(micros: number): string {
  const whole = Math.floor(micros);
  const text = new Date(Math.floor(whole / 1e6) * 1000).toISOString();
  return `${text.slice(0, -'.000Z'.length)}.${String(whole % 1e6).padStart(6, '0')}Z`;
}

/** Four words as in `Datagram` and a port: `192.0.2.1:5060` or `[2001:db8::1]:5060` (RFC 5952). */
export function endpointText(words: Int32Array, port: number): string {
  const [first, second, third, last] = words;
  if (first === 0 && second === 0 && third === 0xffff) {
    const octets = [last! >>> 24, (last! >>> 16) & 0xff, (last! >>> 8) & 0xff, last! & 0xff];
    return `${octets.join('.')}:${port}`;
  }
  const groups = Array.from(words).flatMap((word) => [word >>> 16, word & 0xffff]);
  const text = groups.map((group) => group.toString(16)).join(':');
  // The longest run of zero groups, the first of equal ones, at least two groups.
  const runs = [...text.matchAll(/(?<=^|:)0(?::0)+(?=:|$)/g)].sort((a, b) => b[0].length - a[0].length);
  const [run] = runs;
  if (run === undefined) return `[${text}]:${port}`;
  const before = text.slice(0, run.index).replace(/:$/, '');
  const after = text.slice(run.index + run[0].length).replace(/^:/, '');
  return `[${before}::${after}]:${port}`;
}
