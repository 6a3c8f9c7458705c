// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, type LabelDefinition, spaceLabels } from '../metrics/definition.ts';
import { families } from '../metrics/families.ts';

const introduction = `<!-- Written by "npm run docs" from src/metrics/families.ts; do not edit. -->
# Metrics

Every metric ringtap serves at \`/metrics\`, in the order there. The series of an interface exist from the moment ringtap
captures it, at 0, so that \`rate()\` and \`increase()\` miss no first event. A family without any series is left out.

## Context labels

What a number belongs to, besides the labels of the family itself:

| label | values |
|---|---|
| \`interface\` | the interface a packet came by; for what belongs to a socket, such as drops, the interface it was opened for, which may be \`any\` |
| \`direction\` | \`inbound\`, \`outbound\`, or \`unknown\` for packets between other hosts (a mirror port) |

No label value comes from the wire: what is not registered with IANA is \`other\`. Once the series budget is used up, a
new interface or direction is counted under \`other\` too, and \`ringtap_metric_series_overflow_total\` says so. A session
attempt keeps the labels of its first INVITE, so that both halves of a ratio carry the same labels.

## Ratios

ringtap publishes numerators and denominators as counters; a ratio is a query over the time you choose. Ready gauges over
a stated sliding window (label \`window\`) are a convenience; they are NaN while nothing has ended within the window. All
times are those of the packets.

The session establishment ratio (SER, RFC 6076 §4.6) is the INVITE requests answered with 200 OK by all INVITE requests
but those answered with 3xx. ringtap gives two forms:

- **By INVITE request**, as the RFC counts: \`sip_invite_requests_by_final_code_total\`. A challenged call is two INVITE
  requests, one of them without success; a system with authentication can hardly be above 0.5.
- **By session attempt**, as an operator thinks: \`sip_session_attempt_results_total\`. An attempt lives through
  challenges, forks and retries with another CSeq and has exactly one result. \`sip_session_establishment_ratio\` is this
  form.
`;

/** More values than this are not written out. */
const MAX_VALUES = 20;

function labelText({ name, values }: LabelDefinition): string {
  const quote = (value: string): string => `\`${value}\``;
  const text =
    values.length > MAX_VALUES
      ? `${values.slice(0, 4).map(quote).join(', ')} … ${quote(values.at(-1)!)} (${values.length} values)`
      : values.map(quote).join(', ');
  return `\`${name}\`: ${text}`;
}

function familyText({ name, type, help, space, labels, source, example }: FamilyDefinition): string {
  const context = spaceLabels[space]!.map((label) => `\`${label}\``);
  const facts = [
    `Type: ${type === 'counter' ? 'counter' : 'gauge'}${type === 'ratio' ? ', 0 to 1' : ''}`,
    ...(context.length > 0 || labels.length > 0
      ? [`Labels: ${[context.join(', '), ...labels.map(labelText)].filter(Boolean).join('; ')}`]
      : []),
    ...(source ? [`Source: ${source}`] : []),
  ];
  return `### ${name}\n\n${help}\n\n- ${facts.join('\n- ')}\n\n\`\`\`promql\n${example}\n\`\`\`\n`;
}

const sections: readonly (readonly [string, (name: string) => boolean])[] = [
  ['SIP', (name) => name.startsWith('sip_')],
  ['ringtap itself', (name) => name.startsWith('ringtap_')],
  ['Process', (name) => name.startsWith('process_') || name.startsWith('nodejs_')],
];

/** docs/metrics.md: what every family means. */
export function renderMetricsDocument(): string {
  const parts = sections.map(([title, holds]) =>
    [`## ${title}\n`, ...families.filter(({ name }) => holds(name)).map(familyText)].join('\n'),
  );
  return [introduction, ...parts].join('\n');
}
