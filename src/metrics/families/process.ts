// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, Space } from '../definition.ts';

const processFamily = (
  name: string,
  type: 'counter' | 'gauge',
  help: string,
  example: string,
): FamilyDefinition => ({ name, type, help, space: Space.global, labels: [], source: '', example });

/** The process, by the names client libraries use. */
export const processFamilies: readonly FamilyDefinition[] = [
  processFamily(
    'process_cpu_seconds_total',
    'counter',
    'User and system CPU time spent.',
    'rate(process_cpu_seconds_total[1m])',
  ),
  processFamily(
    'process_resident_memory_bytes',
    'gauge',
    'Resident memory, the ring included.',
    'process_resident_memory_bytes',
  ),
  processFamily('process_virtual_memory_bytes', 'gauge', 'Virtual memory.', 'process_virtual_memory_bytes'),
  processFamily('process_open_fds', 'gauge', 'Open file descriptors.', 'process_open_fds / process_max_fds'),
  processFamily('process_max_fds', 'gauge', 'File descriptors the process may open.', 'process_max_fds'),
  processFamily(
    'process_start_time_seconds',
    'gauge',
    'Start time since the epoch.',
    'time() - process_start_time_seconds',
  ),
  processFamily(
    'nodejs_heap_size_used_bytes',
    'gauge',
    'JavaScript heap in use on the main thread.',
    'nodejs_heap_size_used_bytes',
  ),
  processFamily(
    'nodejs_eventloop_utilization_ratio',
    'gauge',
    'Share of the time since the last scrape in which the main thread was busy, 0 to 1.',
    'nodejs_eventloop_utilization_ratio',
  ),
];
