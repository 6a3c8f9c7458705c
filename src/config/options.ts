// SPDX-License-Identifier: Apache-2.0
import { abuseOptions } from './definitions/abuse.ts';
import { captureOptions } from './definitions/capture.ts';
import { hepOptions } from './definitions/hep.ts';
import { labelOptions } from './definitions/labels.ts';
import { mediaOptions } from './definitions/media.ts';
import { metricsOptions } from './definitions/metrics.ts';
import { pushOptions } from './definitions/push.ts';
import { sipOptions } from './definitions/sip.ts';
import { stateOptions } from './definitions/state.ts';
import { transportsOptions } from './definitions/transports.ts';
import { webOptions } from './definitions/web.ts';
import type { OptionDefinition } from './option-definition.ts';

/** Options of `ringtap run`; `ringtap demo` takes those of state, metrics, web and log. */
export const runOptions: readonly OptionDefinition[] = [
  {
    name: 'config.file',
    value: 'FILE',
    help: 'Read options from this YAML file. Environment variables override it, options given here override both.',
  },
  {
    name: 'interface',
    short: 'i',
    value: 'NAME',
    repeatable: true,
    help: 'Interface to capture from. One that is missing is waited for. Without it, or with "any": every interface that is up. "none": nothing is captured, only HEP is received, which needs no privilege.',
  },
  ...sipOptions,
  ...mediaOptions,
  ...captureOptions,
  ...transportsOptions,
  ...stateOptions,
  ...labelOptions,
  ...abuseOptions,
  ...metricsOptions,
  ...hepOptions,
  ...webOptions,
  ...pushOptions,
  { name: 'log.format', value: 'FORMAT', default: 'logfmt', live: true, help: 'logfmt or json.' },
];

/** Sections of options that replay takes as run does; its own stand in for some of them. */
export const replaySections: readonly string[] =
  'sip sdp rtp rtcp media stream websocket sctp tls fragments state labels networks abuse metrics'.split(' ');

const isForReplay = ({ name }: OptionDefinition): boolean =>
  name === 'config.file' ||
  (name !== 'sip.detect' &&
    name !== 'rtp.detect' &&
    (replaySections.includes(name.split('.', 1)[0]!) ||
      /^capture\.(duplicate-window|tunnels|max-tunnel-depth)$/.test(name) ||
      name === 'hep.clock-tolerance'));

/** Options of `ringtap replay` that are not those of `ringtap run`, or have another default. */
export const replayOnlyOptions: readonly OptionDefinition[] = [
  {
    name: 'format',
    value: 'FORMAT',
    default: 'text',
    help: 'What to print at the end: text (Prometheus), openmetrics, json or none.',
  },
  {
    name: 'trace',
    help: 'Print a line for each message and for what is made of it; then the figures only with --format.',
  },
  {
    name: 'sip.detect',
    default: 'on',
    help: 'Take UDP packets on any port whose payload begins like SIP. --no-sip.detect: --sip.ports only.',
  },
  {
    name: 'rtp.detect',
    default: 'on',
    help: 'Take UDP packets on any port from 1024 on that look like RTP or RTCP. --no-rtp.detect: on ports that SIP announces only.',
  },
  {
    name: 'hep.ports',
    value: 'LIST',
    help: 'UDP ports that HEP was sent to, such as 9060: what counts is the SIP inside.',
  },
];

/** All options of `ringtap replay`. */
export const replayOptions: readonly OptionDefinition[] = [
  ...replayOnlyOptions,
  ...runOptions.filter(isForReplay),
];
