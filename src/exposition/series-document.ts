// SPDX-License-Identifier: Apache-2.0
import { type FamilyDefinition, Space, seriesPerContext } from '../metrics/definition.ts';
import { families } from '../metrics/families.ts';
import { MAX_CONTEXTS } from '../metrics/shard-memory.ts';

/** Of an interface of this host: inbound and outbound. */
const DIRECTIONS = 2;

const seriesOf = (isCounted: (family: FamilyDefinition) => boolean): number =>
  families.filter(isCounted).reduce((sum, family) => sum + seriesPerContext(family), 0);

/** Series of one direction of an interface that begin at 0, and all that it can have. */
const perDirection = seriesOf(({ space, isRare }) => space === Space.traffic && !isRare);
const mostPerDirection = seriesOf(({ space }) => space === Space.traffic);
/** Of a label set those that begin at 0, and all that it can have. */
const mainPerSet = seriesOf(({ isMain }) => isMain === true);
const mostPerSet = seriesOf(({ space, isOfPackets }) => space === Space.traffic && !isOfPackets);

const configurations = [
  [1, 0, 0],
  [2, 0, 0],
  [2, 10, 0],
  [2, 10, 3],
  [2, 100, 0],
  [2, 100, 3],
  [2, 1000, 0],
] as const;

const grouped = (count: number): string => count.toLocaleString('en-US');

function row([interfaces, carriers, userAgents]: (typeof configurations)[number]): string {
  const hasLabels = carriers + userAgents > 0;
  const sets = hasLabels ? interfaces * DIRECTIONS * (carriers + 1) * (userAgents + 1) : 0;
  const others =
    seriesOf(({ space }) => space === Space.global || space === Space.build || space === Space.window) +
    interfaces * seriesOf(({ space }) => space === Space.interface || space === Space.socket);
  const atZero = others + interfaces * DIRECTIONS * perDirection + sets * mainPerSet;
  const atMost = others + interfaces * DIRECTIONS * mostPerDirection + sets * mostPerSet;
  const cells = [interfaces, carriers, userAgents, sets, atZero, atMost];
  return `| ${cells.map(grouped).join(' | ')} |`;
}

/** How many series there are, by what is configured. */
export function renderSeriesDocument(): string {
  const main = families.filter(({ isMain }) => isMain).map(({ name }) => `\`${name}\``);
  return `## Series at 0

\`rate()\` and \`increase()\` miss the first event of a series that appears with it. So all series of an interface and direction
that is named, or up at the start, begin at 0, ${grouped(perDirection)} of them; rare families, which say so below, begin with their first
event. Where carriers or kinds of user agents are configured, each of them with each other, \`unknown\` included, is a label
set; ${mainPerSet} series of each set begin at 0 for every interface and direction:
${main.join(', ')}.
The other families of a set begin with what they count first.

Label sets with countries cannot be known before: their main families appear together with the first message that has them, so
that what comes later in a call begins at 0. Their first attempt is not seen by \`increase()\`.

| interfaces | carriers | kinds of user agents | label sets | series that begin at 0 | at most |
|---:|---:|---:|---:|---:|---:|
${configurations.map(row).join('\n')}

At most: where every set counts in every family, which few ever do. Series at 0 take half of \`--metrics.max-series\`, and label
sets half of the ${grouped(MAX_CONTEXTS)} that a worker can have; where there are more, families with few series come first, for all sets, and
what is left begins with its first event. Raise \`--metrics.max-series\` to twice the fifth column to have them all.
`;
}
