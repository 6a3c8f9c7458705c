// SPDX-License-Identifier: Apache-2.0
import type { Finding } from '../abuse/abuse-events.ts';
import type { ReplayConfig, ReplayFormat } from '../config/replay-config.ts';
import { formatPorts } from '../config/values.ts';
import { renderJson } from '../exposition/json.ts';
import { renderOpenMetrics } from '../exposition/open-metrics.ts';
import { renderText } from '../exposition/prometheus-text.ts';
import type { SeriesLayout } from '../exposition/series-layout.ts';
import { replayFiles } from '../pipeline/replay.ts';

/** Lines of a trace are written in pieces of about this length. */
const PIECE_CHARACTERS = 64 << 10;

/**
 * `ringtap replay`: what the packets of capture files come to. It needs no privilege and no Linux. Returns the exit
 * code; throws CaptureFileError.
 */
export async function replay(
  config: ReplayConfig,
  write: (text: string) => void,
  warn: (sentence: string) => void,
): Promise<number> {
  const trace = new LineWriter(write);
  const { layout, packetCount, takenCount, warnings } = await replayFiles({
    files: config.files,
    hepPorts: config.hepPorts,
    hepClockToleranceMicros: config.hepClockToleranceMicros,
    analysis: config.analysis,
    budget: config.budget,
    onFinding: (finding) => warn(findingSentence(finding)),
    ...(config.isTrace && {
      writeTrace: (line: string) => trace.add(line),
    }),
  });
  trace.flush();
  write(render(config.format, layout));
  for (const warning of warnings) warn(warning);
  if (packetCount > 0 && takenCount === 0) {
    warn(
      `none of ${packetCount} packets has a port of --sip.ports ${formatPorts(config.analysis.ports)}${
        config.analysis.detect ? ' or begins like SIP' : '; --sip.detect takes what begins like SIP'
      }`,
    );
  }
  return 0;
}

/** What was found, of whom, in a line. */
function findingSentence({ what, source, country, before }: Finding): string {
  const countries = country === undefined ? '' : `: ${country}, before ${before}`;
  return `${what} from ${source}${countries}`;
}

/** Writes lines in large pieces, but none later than when the program waits for more to read. */
class LineWriter {
  readonly #write: (text: string) => void;
  #lines = '';

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  add(line: string): void {
    if (this.#lines === '') setImmediate(() => this.flush());
    this.#lines += `${line}\n`;
    if (this.#lines.length >= PIECE_CHARACTERS) this.flush();
  }

  flush(): void {
    if (this.#lines !== '') this.#write(this.#lines);
    this.#lines = '';
  }
}

function render(format: ReplayFormat, layout: SeriesLayout): string {
  switch (format) {
    case 'text':
      return renderText(layout);
    case 'openmetrics':
      return renderOpenMetrics(layout);
    case 'json':
      return renderJson(layout);
    case 'none':
      return '';
  }
}
