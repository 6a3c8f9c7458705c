// SPDX-License-Identifier: Apache-2.0
import { readdirSync, readFileSync } from 'node:fs';
import { type EventLoopUtilization, performance } from 'node:perf_hooks';
import { Counter } from '../metrics/counter.ts';
import { Space } from '../metrics/definition.ts';
import type { ShardWriter } from '../metrics/shard-writer.ts';

/** Bytes of virtual memory: field 23 of /proc/self/stat, see proc_pid_stat(5). */
function virtualMemoryBytes(): number {
  const stat = readFileSync('/proc/self/stat', 'latin1');
  // Field 2, the name of the program, may contain blanks and parentheses; field 3 follows its last parenthesis.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return Number(fields[23 - 3]);
}

/** Open file descriptors, without the one that reads the folder. */
function openFileDescriptors(): number {
  return readdirSync('/proc/self/fd').length - 1;
}

/** The soft limit of /proc/self/limits; infinite where it is unlimited. */
function maxFileDescriptors(): number {
  const soft = /^Max open files\s+(\S+)/m.exec(readFileSync('/proc/self/limits', 'latin1'))?.[1];
  return soft === 'unlimited' ? Infinity : Number(soft);
}

/** NaN where /proc cannot be read: no descriptor left, or not Linux. A scrape must not fail for that. */
function orNaN(read: () => number): number {
  try {
    return read();
  } catch {
    return Number.NaN;
  }
}

/** The program's own metrics: who it is and what it uses. Written by the main thread into its own shard. */
export class ProcessMetrics {
  /** When the process began, since the epoch. */
  readonly startMillis: number = Date.now() - process.uptime() * 1000;
  readonly #writer: ShardWriter;
  readonly #context: number;
  readonly #counters = new Map<string, Counter>();
  #lastUtilization: EventLoopUtilization | undefined;

  constructor(writer: ShardWriter, version: string) {
    this.#writer = writer;
    this.#context = writer.context(Space.global, []);
    new Counter(writer, 'ringtap_build_info').set(
      writer.context(Space.build, [version, process.versions.node]),
      0,
      1,
    );
    this.#set('process_start_time_seconds', this.startMillis / 1000);
  }

  /** Brings the values up to date; right before a scrape (about 0.1 ms). */
  update(): void {
    const cpu = process.cpuUsage();
    this.#set('process_cpu_seconds_total', (cpu.user + cpu.system) / 1e6);
    this.#set('process_resident_memory_bytes', process.memoryUsage.rss());
    this.#set('process_virtual_memory_bytes', orNaN(virtualMemoryBytes));
    this.#set('process_open_fds', orNaN(openFileDescriptors));
    this.#set('process_max_fds', orNaN(maxFileDescriptors));
    this.#set('nodejs_heap_size_used_bytes', process.memoryUsage().heapUsed);
    const utilization = performance.eventLoopUtilization();
    const { utilization: sinceLast } = this.#lastUtilization
      ? performance.eventLoopUtilization(utilization, this.#lastUtilization)
      : utilization;
    this.#lastUtilization = utilization;
    this.#set('nodejs_eventloop_utilization_ratio', sinceLast);
  }

  #set(name: string, value: number): void {
    let counter = this.#counters.get(name);
    if (!counter) {
      counter = new Counter(this.#writer, name);
      this.#counters.set(name, counter);
    }
    counter.set(this.#context, 0, value);
  }
}
