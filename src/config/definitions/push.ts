// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from '../option-definition.ts';

/** Options of what is sent instead of being scraped. */
export const pushOptions: readonly OptionDefinition[] = [
  {
    name: 'remote-write.url',
    value: 'URL',
    secret: true,
    help: 'Also send all metrics to a Prometheus, Mimir or VictoriaMetrics by remote write 1.0, such as https://metrics.example/api/v1/write. User and password may stand in it.',
  },
  {
    name: 'remote-write.interval',
    value: 'DURATION',
    default: '15s',
    help: 'How often they are sent, and for how long a request is tried. What could not be sent is dropped: the next values say it too.',
  },
  {
    name: 'remote-write.label',
    value: 'NAME=VALUE',
    repeatable: true,
    help: 'A label of every series that is sent. Without them: job="ringtap" and instance="HOSTNAME".',
  },
  {
    name: 'remote-write.token-file',
    value: 'FILE',
    help: 'A token to be sent as authorization, read each time.',
  },
  {
    name: 'otlp.endpoint',
    value: 'URL',
    secret: true,
    help: 'Also send all metrics by OTLP over HTTP to an OpenTelemetry Collector, or whatever speaks it, such as http://collector.example:4318; to /v1/metrics behind it. User and password may stand in it.',
  },
  {
    name: 'otlp.interval',
    value: 'DURATION',
    default: '15s',
    help: 'How often they are sent, and for how long a request is tried. What could not be sent is dropped: the next values say it too.',
  },
  {
    name: 'otlp.timeout',
    value: 'DURATION',
    default: '10s',
    help: 'How long an answer may take.',
  },
  {
    name: 'otlp.compression',
    value: 'METHOD',
    default: 'gzip',
    help: 'gzip, which every receiver of OTLP reads, or none: about 16 times as much.',
  },
  {
    name: 'otlp.header',
    value: 'NAME=VALUE',
    repeatable: true,
    secret: true,
    help: 'A header field of each request, such as X-Scope-OrgID=voice. Whoever may list processes sees it.',
  },
  {
    name: 'otlp.headers-file',
    value: 'FILE',
    help: 'Header fields that nobody is to see, such as Authorization: Bearer TOKEN, a line each; read each time.',
  },
  {
    name: 'otlp.certificate',
    value: 'FILE',
    help: 'Certificates (PEM) of the authorities that the endpoint is verified with, instead of those of Node; read each time, as the two below.',
  },
  {
    name: 'otlp.client-certificate',
    value: 'FILE',
    help: 'Certificate (PEM) to show to the endpoint.',
  },
  {
    name: 'otlp.client-key',
    value: 'FILE',
    help: 'Its key (PEM).',
  },
  {
    name: 'otlp.resource-attribute',
    value: 'NAME=VALUE',
    repeatable: true,
    help: 'An attribute of the resource that sends, instead of or besides service.name=ringtap, service.version, service.instance.id=HOSTNAME and host.name=HOSTNAME.',
  },
];
