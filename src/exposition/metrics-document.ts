// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, type LabelDefinition, spaceLabels } from '../metrics/definition.ts';
import { familyGroups } from '../metrics/families.ts';
import { renderStandards } from './rfc-6076-document.ts';
import { renderSeriesDocument } from './series-document.ts';

const introduction = `<!-- Written by "npm run docs" from src/metrics/families/; do not edit. -->
# Metrics

Every metric ringtap serves at \`/metrics\`, in the order there. A family without any series is left out.

## Context labels

What a number belongs to, besides the labels of the family itself:

| label | values |
|---|---|
| \`interface\` | the interface a packet came by; for what belongs to a socket, such as drops, the interface it was opened for, which may be \`any\`; \`hep\` and \`hep:NAME\` for what agents sent, see [HEP](hep.md) |
| \`direction\` | \`inbound\`, \`outbound\`, or \`unknown\` for packets between other hosts (a mirror port) and in HEP; with \`--networks.local\` these are inbound or outbound too, and \`forwarded\` where both ends or none are local |
| \`carrier\` | where configured: the name by \`--labels.carrier\` of the far address (of the source, or else the destination, where the direction is not known), or else, of a request, by \`--labels.carrier-header\`, then by \`--labels.carrier-uri\`; or \`unknown\` |
| \`ua_type\` | where configured: the name by \`--labels.user-agent\` of what the sender says it is; or \`unknown\` |
| \`source_country\`, \`destination_country\` | where configured: country codes (ISO 3166-1) of the numbers in From and To (\`--labels.number-country\`), or else of the addresses the request comes from and goes to (\`--labels.country-database\`); or \`unknown\`. A national number tells no country |
| \`window\` | the time a ready ratio looks back, \`--metrics.window\` |
| \`peer\` | the name of a \`--sip.peer\` |

No label value comes from the wire: what is not registered with IANA is \`other\`. Once the series budget is used up, a
new set of labels is counted under \`other\`: first the labels that were configured, then interface and direction too.
\`ringtap_metric_series_overflow_total\` says so, and \`ringtap_metric_label_overflow_total\` which label has the most values.
Everything
about an attempt, a dialog or a registration keeps the labels of its first message, so that both halves of a ratio carry
the same labels.

Labels that are not configured are not there. Packets of media and what cannot be parsed have interface and direction only.

${renderSeriesDocument()}
## What counts, and when

All times are those of the packets; a file gives the same numbers as the wire.

- **Every message counts**, on each hop and each time it is sent: \`sip_requests_total\`, \`sip_responses_total\`.
  A message that its transaction had seen on the same addresses and ports is a **retransmission** and counts in
  \`sip_retransmissions_total\` too; take one from the other for what was sent once. Nothing else counts a
  retransmission, and no delay begins anew with it.
- The same frame captured twice, as on a bridge and its port or by a mirror of both directions, is a **capture
  duplicate**: same addresses, ports, IP identification and length within \`--capture.duplicate-window\` (50 ms). It counts
  in \`sip_capture_duplicates_total\` and nowhere else.
- A proxy on the host shows a call on several **hops**: each hop's messages count, the attempt counts once, and delays
  are those of the first hop, the one whose INVITE has the fewest Via values. A session lasts from the first 2xx to the
  first BYE on whichever hop.
- **Failed attempts have their result 5 s late** (\`--sip.fork-timeout\`). The failure of one branch does not end a call:
  another branch of a fork may answer, and a proxy may try the next target when one has failed (RFC 3261 §16.7). So a
  failure counts once every branch seen has failed and for 5 s no new branch, no 2xx and no new INVITE came; then the
  best of the failures is the result. An answer counts at once. At the end of a file nothing more can come, and results
  that are held count at once.
- A challenge or redirection waits 32 s (\`--sip.retry-timeout\`) for the request that follows it and then counts as
  \`challenged\` or \`redirected\`. Silence is \`timeout\` after 32 s (timers B and F), after a provisional response 212 s
  after the last one (timer C and timer F; RFC 3261 §16.6, §17.1).
- So \`sip_session_attempts_total\` runs ahead of the sum of \`sip_session_attempt_results_total\` by the attempts under
  way. Ratios are of attempts that ended.

## Ratios

ringtap publishes numerators and denominators as counters; a ratio is a query over the time you choose. Ready gauges over
a stated sliding window (label \`window\`) are a convenience; they are NaN while nothing has ended within the window, and
they are of all interfaces together. They count attempts, as an operator does: an attempt lives through challenges, forks
and retries with another CSeq and has exactly one result. For the form that RFC 6076 has, by INVITE request, see the
sections on it below.

## Histograms

Buckets are cumulative, with upper bounds (\`le\`) in seconds or bytes, written as OpenMetrics wants: \`le="1.0"\`, in both
text formats. Delays have bounds from 1 ms to 60 s, durations from 1 s to 24 h, sizes to 65535 bytes.
`;

/** Of the labels of traffic, those of what counts packets: interface and direction. */
const PACKET_LABELS = 2;
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

function typeText(definition: FamilyDefinition): string {
  if (definition.type === 'ratio') return 'gauge, 0 to 1';
  if (definition.type === 'latest') return 'gauge';
  if (definition.type !== 'histogram') return definition.type;
  return `histogram; ${definition.buckets.join(', ')}`;
}

function familyText(definition: FamilyDefinition): string {
  const { name, help, space, labels, tuples, isRare, isMain, isOfPackets, source, example } = definition;
  const labelsOfSpace = isOfPackets ? spaceLabels[space]!.slice(0, PACKET_LABELS) : spaceLabels[space]!;
  const context = labelsOfSpace.map((label) => `\`${label}\``);
  const labelFacts = [context.join(', '), ...labels.map(labelText)].filter(Boolean).join('; ');
  const facts = [
    `Type: ${typeText(definition)}`,
    ...(labelFacts ? [`Labels: ${labelFacts}${tuples ? `; ${tuples.length} pairs that can be` : ''}`] : []),
    ...(isRare ? ['Rare: there from its first event on'] : []),
    ...(isMain ? ['At 0 from the start for each carrier and kind of user agents'] : []),
    ...(source ? [`Source: ${source}`] : []),
  ];
  return `### ${name}\n\n${help}\n\n- ${facts.join('\n- ')}\n\n\`\`\`promql\n${example}\n\`\`\`\n`;
}

/** docs/metrics.md: what every family means. */
export function renderMetricsDocument(): string {
  const parts = familyGroups.map((group) =>
    [`## ${group.title}\n`, ...group.families.map(familyText)].join('\n'),
  );
  return [introduction, ...parts, renderStandards()].join('\n');
}
