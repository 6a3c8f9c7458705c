// SPDX-License-Identifier: Apache-2.0
import { createHash } from 'node:crypto';
import type { SeriesLayout } from '../exposition/series-layout.ts';

const style = `
:root { color-scheme: light dark; --line: light-dark(#d9dee5, #333b47); --soft: light-dark(#5b6673, #98a3b1); --accent: light-dark(#0b62b3, #7db9f5); }
body { margin: 3rem auto; max-width: 46rem; padding: 0 1.25rem; font: 16px/1.5 system-ui, sans-serif; background: light-dark(#fff, #14181e); color: light-dark(#17202b, #e3e8ee); }
h1 { margin: 0; font-size: 1.9rem; letter-spacing: -.02em; }
h1 small, p, th small, footer { color: var(--soft); font-weight: normal; }
h1 small { font-size: 1rem; letter-spacing: 0; }
table { width: 100%; margin: 2rem 0; border-collapse: collapse; }
th, td { padding: .55rem 0; border-bottom: 1px solid var(--line); text-align: left; font-weight: normal; }
th small { display: block; font-size: .82rem; }
td { text-align: right; font-size: 1.25rem; font-variant-numeric: tabular-nums; white-space: nowrap; }
nav a { display: inline-block; margin: 0 .5rem .5rem 0; padding: .35rem .8rem; border: 1px solid var(--line); border-radius: .4rem; color: var(--accent); text-decoration: none; }
nav a:hover { border-color: var(--accent); }
footer { margin-top: 2rem; font-size: .82rem; }
`;

/** Nothing but the page's own style: no script, no image, no other origin, no frame around it. */
export const landingPagePolicy: string = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The sum of a family's series, of those whose names and labels contain all parts. */
type Total = (family: string, ...parts: readonly string[]) => number;

/** Numbers of the page: label, explanation, and what is shown. */
const rows: readonly (readonly [string, string, (total: Total) => string])[] = [
  ['Calls now', 'confirmed dialogs', (total) => count(total('sip_dialogs', 'state="confirmed"'))],
  ['Ringing now', 'early dialogs', (total) => count(total('sip_dialogs', 'state="early"'))],
  [
    'Session attempts',
    'challenges, redirections, forks and hops folded',
    (total) => count(total('sip_session_attempts_total')),
  ],
  [
    'Session establishment ratio',
    'answered by ended attempts over --metrics.window',
    (total) => percent(total('sip_session_establishment_ratio')),
  ],
  ['Registrations now', 'contact bindings', (total) => count(total('sip_registrations'))],
  [
    'RTP streams now',
    'one for each direction of a call, also for a while after it',
    (total) => count(total('rtp_streams')),
  ],
  [
    'Voice quality',
    'mean MOS of intervals of 10 s, narrow-band',
    (total) => {
      const ofNarrow = (part: string): number => total('rtp_interval_mos', part, 'band="narrow"');
      return fraction(ofNarrow('_sum') / ofNarrow('_count'));
    },
  ],
  [
    'RTP packets lost',
    'on the way here, by their sequence numbers',
    (total) => {
      const lost = total('rtp_packets_lost_total');
      return percent(lost / (lost + total('rtp_packets_total')));
    },
  ],
  [
    'One-way calls',
    'answered, and one side was not heard',
    (total) =>
      count(
        total('rtp_call_results_total', 'result="caller_only"') +
          total('rtp_call_results_total', 'result="callee_only"'),
      ),
  ],
  ['SIP requests', 'on the wire, every hop', (total) => count(total('sip_requests_total'))],
  ['SIP responses', 'on the wire, every hop', (total) => count(total('sip_responses_total'))],
  [
    'Retransmissions',
    'requests and responses sent again',
    (total) => count(total('sip_retransmissions_total')),
  ],
  [
    'Parse errors',
    'datagrams on a SIP port that are not SIP',
    (total) => count(total('sip_parse_errors_total')),
  ],
  ['Packets captured', 'read from the ring', (total) => count(total('ringtap_capture_packets_total'))],
  [
    'Packets dropped',
    'by the kernel, because the ring was full',
    (total) => count(total('ringtap_capture_drops_total')),
  ],
];

const count = (value: number): string => value.toLocaleString('en-US');
const percent = (ratio: number): string => (Number.isNaN(ratio) ? '–' : `${(ratio * 100).toFixed(1)} %`);
const fraction = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(2));

const escapeHtml = (text: string): string => text.replace(/[&<>"']/g, (char) => `&#${char.charCodeAt(0)};`);

/** What the page shows. */
export interface LandingPage {
  readonly layout: SeriesLayout;
  readonly version: string;
  readonly telemetryPath: string;
  isReady(): boolean;
}

/** The page at `/`: what this is, its key numbers and where the rest is. `layout` must be refreshed. */
export function renderLandingPage({ layout, version, telemetryPath, ...page }: LandingPage): string {
  const total: Total = (family, ...parts) => layout.total(family, ...parts);
  const table = rows
    .map(
      ([label, explanation, show]) =>
        `<tr><th scope="row">${label}<small>${explanation}</small></th><td>${show(total)}</td></tr>`,
    )
    .join('\n');
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="refresh" content="5">
<title>ringtap</title>
<style>${style}</style>
</head>
<body>
<h1>ringtap <small>${escapeHtml(version)}</small></h1>
<p>SIP and RTP monitor: an interface in, Prometheus metrics out. ${page.isReady() ? 'Capturing.' : 'Not ready: no interface is being captured.'}</p>
<table>
${table}
</table>
<nav>
<a href="${escapeHtml(telemetryPath)}">Metrics</a>
<a href="/docs/metrics">What they mean</a>
<a href="/-/healthy">Health</a>
<a href="/-/ready">Readiness</a>
</nav>
<footer>Counted since the start of the program. This page renews itself every 5 seconds.</footer>
</body>
</html>
`;
}
