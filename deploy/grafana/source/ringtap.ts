// SPDX-License-Identifier: Apache-2.0
import { makeDashboard, type NamedDashboard } from './make-dashboard.ts';
import { bars, lines, listing, number, upDown } from './panels.ts';
import { increase, rate, sensor, total, traffic } from './queries.ts';

const one = '{{instance}}';
const occupancy = `${sensor('ringtap_table_entries')} / ${sensor('ringtap_table_limit')}`;

/** Does the sensor see everything, and has it room? */
export const ringtap: NamedDashboard = makeDashboard({
  name: 'ringtap',
  title: 'ringtap itself',
  about: 'Does the sensor see everything, and has it room? Whatever is lost or given up is counted here.',
  rows: [
    {
      title: 'Capture',
      panels: [
        upDown(
          { title: 'Interfaces', about: 'Whether an interface is there, up and has a carrier.', width: 8 },
          [sensor('ringtap_interface_up'), '{{interface}} {{instance}}'],
        ),
        lines({ title: 'Packets', about: 'Read from the ring.', unit: 'pps', width: 8 }, [
          rate(sensor('ringtap_capture_packets_total'), ['instance', 'interface']),
          '{{interface}} {{instance}}',
        ]),
        lines(
          {
            title: 'Busy',
            about: 'Share of the time that a worker spends on packets; above 80 % see docs/operations.md.',
            unit: 'percentunit',
            width: 8,
            max: 1,
            limits: { warn: 0.6, bad: 0.8 },
          },
          [
            rate(sensor('ringtap_worker_busy_seconds_total'), ['instance', 'worker']),
            'worker {{worker}} {{instance}}',
          ],
        ),
        lines(
          {
            title: 'Lost',
            about:
              'Packets dropped because the ring was full, messages lost between workers, HEP that came too fast.',
            unit: 'pps',
            width: 12,
          },
          [
            rate(sensor('ringtap_capture_drops_total'), ['instance', 'interface']),
            'ring full {{interface}} {{instance}}',
          ],
          [rate(sensor('ringtap_worker_handover_drops_total'), ['instance']), `between workers ${one}`],
          [rate(sensor('ringtap_hep_socket_drops_total'), ['instance']), `HEP ${one}`],
        ),
        lines(
          {
            title: 'Ring freezes, cut packets',
            about: 'Times the ring was full, and packets of which the ring holds less than was on the wire.',
            unit: 'pps',
            width: 12,
          },
          [rate(sensor('ringtap_capture_ring_freezes_total'), ['instance']), `freezes ${one}`],
          [rate(sensor('ringtap_capture_truncated_total'), ['instance']), `cut ${one}`],
        ),
      ],
    },
    {
      title: 'What could not be read, in the time shown',
      panels: [
        bars(
          { title: 'SIP', about: 'Datagrams and messages that are no usable SIP.', unit: 'short', width: 6 },
          [`${increase(traffic('sip_parse_errors_total'), ['reason'])} > 0`, '{{reason}}'],
        ),
        bars({ title: 'Below SIP', about: 'Packets cut or malformed.', unit: 'short', width: 6 }, [
          `${increase(sensor('ringtap_decode_errors_total'), ['reason'])} > 0`,
          '{{reason}}',
        ]),
        bars(
          {
            title: 'Fragments and TCP',
            about: 'Datagrams that stayed incomplete, and places in TCP streams where bytes were given up.',
            unit: 'short',
            width: 6,
          },
          [
            `(${increase(sensor('ringtap_fragments_datagrams_total', 'result!="reassembled"'), ['result'])} > 0) or (${increase(sensor('ringtap_stream_losses_total'), ['reason'])} > 0)`,
            '{{result}}{{reason}}',
          ],
        ),
        bars(
          {
            title: 'Left out',
            about: 'Packets with nothing wrong that are not read.',
            unit: 'short',
            width: 6,
          },
          [`${increase(sensor('ringtap_decode_skipped_total'), ['reason'])} > 0`, '{{reason}}'],
        ),
      ],
    },
    {
      title: 'Tables and series',
      panels: [
        lines(
          {
            title: 'Tables, how full',
            about: 'Full tables give records up.',
            unit: 'percentunit',
            width: 8,
            max: 1,
            limits: { warn: 0.6, bad: 0.8 },
          },
          [occupancy, '{{table}} {{instance}}'],
        ),
        lines(
          {
            title: 'Records given up',
            about: 'open ones lose a result: raise the limit (docs/operations.md), or somebody floods.',
            unit: 'cps',
            width: 8,
          },
          [rate(sensor('ringtap_table_evictions_total'), ['table', 'state']), '{{table}} {{state}}'],
        ),
        lines({ title: 'Series', about: 'Series exposed.', unit: 'short', width: 4 }, [
          total(sensor('ringtap_metric_series'), ['instance']),
          one,
        ]),
        bars(
          {
            title: 'Series beyond the budget',
            about: 'Label sets counted under "other" instead, by the label that has the most values.',
            unit: 'short',
            width: 4,
            limits: { warn: 1, bad: 1000 },
          },
          [increase(sensor('ringtap_metric_label_overflow_total'), ['label']), '{{label}}'],
        ),
      ],
    },
    {
      title: 'Process',
      panels: [
        lines({ title: 'CPU', about: 'Cores in use.', unit: 'short', width: 6 }, [
          rate(sensor('process_cpu_seconds_total'), ['instance']),
          one,
        ]),
        lines({ title: 'Memory', about: 'Resident memory, the ring included.', unit: 'bytes', width: 6 }, [
          sensor('process_resident_memory_bytes'),
          one,
        ]),
        lines({ title: 'Scrapes', about: 'How long Prometheus waits for /metrics.', unit: 's', width: 6 }, [
          sensor('scrape_duration_seconds'),
          one,
        ]),
        number(
          { title: 'Age', about: 'Time since the youngest sensor started.', unit: 's', width: 3 },
          `time() - max(${sensor('process_start_time_seconds')})`,
        ),
        number(
          { title: 'Sensors', about: 'Sensors that answer.', unit: 'short', width: 3 },
          `count(${sensor('ringtap_build_info')})`,
        ),
        listing({ title: 'Versions', about: 'What runs where.', width: 24 }, sensor('ringtap_build_info')),
      ],
    },
  ],
});
