// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from '../option-definition.ts';

/** Options of the web server, and of what the program may. */
export const webOptions: readonly OptionDefinition[] = [
  {
    name: 'web.listen-address',
    value: 'ADDRESS',
    repeatable: true,
    default: '127.0.0.1:10060',
    help: 'Where to serve /metrics. ":10060" is every address.',
  },
  {
    name: 'web.enable-lifecycle',
    help: 'Let POST /-/reload read the configuration again and POST /-/quit end the program: whoever reaches the address can.',
  },
  {
    name: 'web.systemd-socket',
    help: 'Serve on the sockets that systemd opened (socket activation) instead of --web.listen-address.',
  },
  {
    name: 'web.config.file',
    value: 'FILE',
    help: 'TLS, client certificates, users, header fields and a rate limit, in the format that all Prometheus exporters read; read again when it changes. See docs/web.md.',
  },
  {
    name: 'web.telemetry-path',
    value: 'PATH',
    default: '/metrics',
    help: 'Where the metrics are served.',
  },
  {
    name: 'web.max-requests',
    value: 'N',
    default: '16',
    help: 'Requests answered at a time; further ones get 503.',
  },
  {
    name: 'web.max-connections',
    value: 'N',
    default: '256',
    help: 'Connections to one address; for a further one the oldest idle one is closed.',
  },
  {
    name: 'drop-privileges',
    default: 'on',
    help: 'Once the capture is open, run without any capability, and if started by root as another user. --no-drop-privileges keeps what there is.',
  },
  {
    name: 'run-as',
    value: 'USER',
    help: 'Whom to become when started by root; otherwise who called sudo, or nobody. Files that are named here must be readable for that user.',
  },
];
