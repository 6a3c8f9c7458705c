// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from './option-definition.ts';
import { replayOnlyOptions, runOptions } from './options.ts';

function row({ name, short, value, repeatable, default: preset, help }: OptionDefinition): string {
  const forms = [
    short === undefined ? '' : `\`-${short}\`, `,
    `\`--${name}${value === undefined ? '' : ` ${value}`}\``,
  ];
  const repeat = repeatable ? ' May be repeated.' : '';
  return `| ${forms.join('')} | ${preset === undefined ? '' : `\`${preset}\``} | ${help.replaceAll('|', '\\|')}${repeat} |`;
}

/** Text of docs/configuration.md, from the definitions of the options. */
export function renderConfigurationDocument(): string {
  return `# Configuration

<!-- Written by npm run docs from src/config/options.ts. -->

\`ringtap run\` and \`ringtap doctor\` take these options; \`ringtap demo\` takes all but interfaces, ports, peers and HEP.

| option | default | meaning |
|---|---|---|
${runOptions.map(row).join('\n')}

\`ringtap replay FILE...\` takes the options of sip, sdp, rtp, stream, websocket, sctp, tls, fragments, state and metrics,
\`--capture.duplicate-window\`, \`--capture.tunnels\`, \`--capture.max-tunnel-depth\`, \`--hep.clock-tolerance\`, and these:

| option | default | meaning |
|---|---|---|
${replayOnlyOptions.map(row).join('\n')}

A switch is turned off by \`--no-\` before its name, such as \`--no-sip.detect\`; of several the last counts.

Durations are written \`500ms\`, \`32s\`, \`5m\`, \`24h\`; sizes \`64MiB\`, \`1GiB\`; ports \`5060,5061,5080-5090\`.

\`\`\`sh
npx ringtap run -i eth0 --sip.ports 5060,5080-5090
npx ringtap run -i eth1 -i eth2 --capture.promiscuous --capture.ring-size 256MiB
npx ringtap run --sip.peer proxy=192.0.2.1:5060 --sip.peer 'sbc=[2001:db8::1]:5060'
npx ringtap run -i none --hep.listen-address udp:0.0.0.0:9060 --hep.allow 192.0.2.0/24
npx ringtap run --sip.detect --web.listen-address 127.0.0.1:10060 --web.listen-address '[::1]:10060'
\`\`\`

Exit codes: 0 after a stop, 1 when something went wrong, 2 for a command line that is wrong.
`;
}
