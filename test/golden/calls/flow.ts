// SPDX-License-Identifier: Apache-2.0

/**
 * One line of a flow. A flow is a ladder in text:
 *
 *     0.000  alice > proxy   INVITE | Supported: timer
 *     0.001  proxy > bob     INVITE
 *     0.500  proxy > bob     INVITE again
 *     2.000  bob ~ carol     180
 *     40     tick
 *
 * Seconds since the start, sender, `>` (captured) or `~` (happens where the sensor does not see it), receiver, a
 * method or a status code, options, and after each `|` a header field. A response without a method answers an
 * INVITE: `200 BYE` names another. A tick is an ARP frame: it only makes time pass. `--` starts a comment.
 *
 * Options: `again` the same message in a new datagram (a retransmission); `dup` the same datagram captured again
 * (`other`: on another interface; `late`: too late to be taken for a duplicate); `src=` and `dst=` a party whose address it has instead (NAT); `call=` another
 * Call-ID; `to=` who is called; `cseq=` a number other than the next; `tag=` another To tag, or `none`; `sdp=`
 * a direction, or `none`; `body=sipfrag`, `body=text`; `stale` in a challenge.
 */
export interface FlowLine {
  readonly text: string;
  readonly micros: number;
  readonly isTick: boolean;
  readonly isCaptured: boolean;
  readonly sender: string;
  readonly receiver: string;
  readonly method: string;
  /** 0 in a request. */
  readonly statusCode: number;
  readonly options: ReadonlyMap<string, string>;
  readonly fields: readonly string[];
}

const known = new Set('again dup other late src dst call to cseq tag sdp body stale'.split(' '));

/** Reads a flow; throws, naming the line, at anything it does not know. */
export function parseFlow(flow: string): FlowLine[] {
  const lines = flow
    .split('\n')
    .map((line) => line.replace(/--.*/, '').trim())
    .filter((line) => line !== '')
    .map(parseLine);
  for (const [i, line] of lines.entries()) {
    if (i > 0 && line.micros < lines[i - 1]!.micros) throw new Error(`goes back in time: ${line.text}`);
  }
  return lines;
}

function parseLine(text: string): FlowLine {
  const [ladder = '', ...fields] = text.split('|').map((part) => part.trim());
  const [time = '', sender = '', arrow = '', receiver = '', what = '', ...rest] = ladder.split(/\s+/);
  const micros = Math.round(Number(time) * 1e6);
  const isTick = sender === 'tick';
  if (!(micros >= 0) || (!isTick && !/^[>~]$/.test(arrow))) throw new Error(`not a line of a flow: ${text}`);
  const statusCode = /^\d{3}$/.test(what) ? Number(what) : 0;
  const named = statusCode > 0 && /^[A-Z]+$/.test(rest[0] ?? '') ? rest.shift()! : 'INVITE';
  const options = new Map(rest.map((option) => option.split('=', 2) as [string, string]));
  for (const name of options.keys()) if (!known.has(name)) throw new Error(`no option ${name}: ${text}`);
  return {
    text,
    micros,
    isTick,
    isCaptured: arrow === '>',
    sender,
    receiver,
    method: statusCode > 0 ? named : what,
    statusCode,
    options,
    fields,
  };
}
