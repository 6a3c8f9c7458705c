// SPDX-License-Identifier: Apache-2.0

/**
 * Flags of V8 that ringtap runs with. By default TurboFan inlines up to 920 bytes of bytecode into a function; a packet's
 * way through decode, scan, state and counters is many small functions, and calls between those that are left over cost a
 * tenth of it (`npm run bench -- --case pipeline`: 1,350 and 1,220 ns in the same minute; 4,000 is no better).
 */
export const engineFlags = ['--max-inlined-bytecode-size-cumulative=2000'];
