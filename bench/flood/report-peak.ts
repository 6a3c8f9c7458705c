// SPDX-License-Identifier: Apache-2.0
// node --import ./bench/flood/report-peak.ts PROGRAM 3>&1: the process writes its peak resident size, in bytes, to
// descriptor 3 as it ends. Not getrusage's figure, which begins with that of the process that started this one.
import { readFileSync, writeSync } from 'node:fs';

process.on('exit', () => {
  const status = readFileSync('/proc/self/status', 'utf8');
  writeSync(3, String(Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1]) * 1024));
});
