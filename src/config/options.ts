// SPDX-License-Identifier: Apache-2.0

/** One command-line option, in Prometheus spelling. */
export interface OptionDefinition {
  readonly name: string;
  readonly short?: string;
  /** What its value looks like in the help; absent for a switch. */
  readonly value?: string;
  readonly repeatable?: boolean;
  readonly default?: string;
  readonly help: string;
}

/** Options of `ringtap run`; `ringtap demo` takes those of state, metrics, web and log. */
export const runOptions: readonly OptionDefinition[] = [
  {
    name: 'interface',
    short: 'i',
    value: 'NAME',
    repeatable: true,
    help: 'Interface to capture from. One that is missing is waited for. Without it, or with "any": every interface that is up.',
  },
  {
    name: 'sip.ports',
    value: 'LIST',
    default: '5060',
    help: 'UDP and TCP ports and ranges that carry SIP, such as 5060,5061,5080-5090.',
  },
  { name: 'sip.detect', help: 'Also take UDP packets on any port whose payload begins like SIP.' },
  {
    name: 'sip.retry-timeout',
    value: 'DURATION',
    default: '32s',
    help: 'How long an attempt waits for the new INVITE after a 401, 407, 422 or 3xx.',
  },
  { name: 'capture.promiscuous', help: 'Receive what is addressed to other hosts, as on a mirror port.' },
  {
    name: 'capture.ring-size',
    value: 'SIZE',
    default: '64MiB',
    help: 'Memory of the packet ring of each interface.',
  },
  {
    name: 'state.max-attempts',
    value: 'N',
    default: '131072',
    help: 'Session attempts kept, finished ones included.',
  },
  { name: 'state.max-dialogs', value: 'N', default: '131072', help: 'Dialogs kept.' },
  {
    name: 'state.session-limit',
    value: 'DURATION',
    default: '24h',
    help: 'A dialog without any sign of life is forgotten after this time.',
  },
  {
    name: 'metrics.max-series',
    value: 'N',
    default: '50000',
    help: 'Series of all metrics together; beyond, labels become "other".',
  },
  { name: 'metrics.max-series-per-family', value: 'N', default: '20000', help: 'Series of one metric.' },
  {
    name: 'web.listen-address',
    value: 'ADDRESS',
    repeatable: true,
    default: '127.0.0.1:10060',
    help: 'Where to serve /metrics. ":10060" is every address.',
  },
  { name: 'log.format', value: 'FORMAT', default: 'logfmt', help: 'logfmt or json.' },
];

/** Lines of help for options, wrapped at 100 columns. */
export function formatOptions(options: readonly OptionDefinition[]): string {
  const heads = options.map((option) => {
    const short = option.short === undefined ? '    ' : `-${option.short}, `;
    return `  ${short}--${option.name}${option.value === undefined ? '' : ` ${option.value}`}`;
  });
  const column = Math.max(...heads.map((head) => head.length)) + 2;
  return options
    .map((option, i) => {
      const repeat = option.repeatable ? ' May be repeated.' : '';
      const preset = option.default === undefined ? '' : ` (default ${option.default})`;
      const text = option.help + repeat + preset;
      return heads[i]!.padEnd(column) + wrap(text, 100 - column).join(`\n${' '.repeat(column)}`);
    })
    .join('\n');
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  lines.push(line);
  return lines;
}
