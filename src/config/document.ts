// SPDX-License-Identifier: Apache-2.0
import { variableOf } from './environment.ts';
import { isNamed, type OptionDefinition } from './option-definition.ts';
import { replayOnlyOptions, replaySections, runOptions } from './options.ts';

function row({ name, short, value, repeatable, default: preset, help }: OptionDefinition): string {
  const forms = [
    short === undefined ? '' : `\`-${short}\`, `,
    `\`--${name}${value === undefined ? '' : ` ${value}`}\``,
  ];
  const repeat = repeatable ? ' May be repeated.' : '';
  return `| ${forms.join('')} | ${preset === undefined ? '' : `\`${preset}\``} | ${help.replaceAll('|', '\\|')}${repeat} |`;
}

const names = (options: readonly OptionDefinition[]): string =>
  options.map(({ name }) => `\`${name}\``).join(', ');

/** Text of docs/configuration.md, from the definitions of the options. */
export function renderConfigurationDocument(): string {
  return `# Configuration

<!-- Written by npm run docs from src/config/options.ts. -->

\`ringtap run\` and \`ringtap doctor\` take these options; \`ringtap demo\` takes all but interfaces, ports, peers and HEP.

| option | default | meaning |
|---|---|---|
${runOptions.map(row).join('\n')}

\`ringtap replay FILE...\` takes the options of ${replaySections.join(', ')},
\`--capture.duplicate-window\`, \`--capture.tunnels\`, \`--capture.max-tunnel-depth\`, \`--hep.clock-tolerance\`, and these:

| option | default | meaning |
|---|---|---|
${replayOnlyOptions.map(row).join('\n')}

## File, environment, command line

Every option has its place in one YAML file, by the parts of its name, and is a variable of the environment:
\`--sip.ports\` is \`ports\` in \`sip\`, and \`${variableOf('sip.ports')}\`. The environment overrides the file and the command line
overrides both, option by option: values of two places are not mixed.

\`\`\`yaml
# yaml-language-server: $schema=config.schema.json
interface: [eth0, eth1]
sip:
  ports: [5060, 5080-5090]
  detect: true
  retry-timeout: 32s
  peer:
    proxy: 192.0.2.1:5060
    sbc: "[2001:db8::1]:5060"
capture:
  ring-size: 256MiB
\`\`\`

\`\`\`sh
npx ringtap config check ringtap.yaml   # what is wrong with a file, by line and column, or that it is right
npx ringtap config show --config.file ringtap.yaml   # every option as run would have it, and where it comes from
RINGTAP_SIP_PORTS=5060,5070 npx ringtap run --config.file ringtap.yaml
\`\`\`

- What may be repeated is a list in the file, and separated by blanks in a variable. What is \`NAME=VALUE\` on the command line
  (${names(runOptions.filter(isNamed))}) is a map in the file.
- An unknown option in the file is an error, and so is a value that the command line would not take. An unknown variable is
  none: Kubernetes makes \`RINGTAP_PORT\` where a service is called ringtap.
- Relative paths are relative to the working directory. A file has at most 16 MiB.
- [config.schema.json](config.schema.json) is the JSON Schema of the file, for editors; \`ringtap config schema\` prints it.
- \`replay\`, \`doctor\` and \`demo\` read the same file and take what they have options for.

## Labels

\`\`\`yaml
labels:
  carrier:
    north: [192.0.2.0/25, "2001:db8:1::/48"]
    south: "@/etc/ringtap/south.txt" # a network a line, 200,000 at most in all
  carrier-uri:
    north: ["sip:+4930"]
  carrier-header:
    north: ["X-Carrier: north", "Contact: *;tgrp=north-1;*"]
    south: ["P-Asserted-Identity: *@south.example*"]
  user-agent:
    phone: [Cisco*, Yealink*]
    scanner: ["*scanner*", sipvicious*]
  number-country: true
  country-database: /var/lib/GeoIP/GeoLite2-Country.mmdb
networks:
  local: [10.0.0.0/8]
\`\`\`

The address goes first, because it is hard to forge; then header fields, then the request URI. A header is named in its long
or its compact form, both are meant; of several patterns that match, in whichever fields, the one given first counts.

How many series that makes is in [metrics](metrics.md#series-at-0); \`--metrics.max-series\` is for all. The default has room for
10 carriers on two interfaces whatever counts. What labels mean is in [metrics](metrics.md#context-labels). Names are
letters, digits, \`_\`, \`.\` and \`-\`.

## Reload

SIGHUP reads file and environment of the start again, and so does \`POST /-/reload\` with \`--web.enable-lifecycle\`, as in
Prometheus. Nothing stops for it: no packet, call or count is lost. What cannot be used is told in the log, in the answer and by
\`ringtap_config_last_reload_successful\`, and changes nothing.

These options change at once: ${names(runOptions.filter(({ live }) => live))}.
Of all others the values of the start stay, because they size memory or need privilege; the log names those that a
restart would change. Transactions under way when peers change do not tell of a peer; of a peer that is no more
\`sip_peer_up\` is NaN.

\`POST /-/quit\` ends the program, where \`--web.enable-lifecycle\` is given. Whoever reaches the address can do both.

## Values

A switch is turned off by \`--no-\` before its name, such as \`--no-sip.detect\`; of several the last counts.

Durations are written \`500ms\`, \`32s\`, \`5m\`, \`24h\`; sizes \`64MiB\`, \`1GiB\`; ports \`5060,5061,5080-5090\`.

\`\`\`sh
npx ringtap run -i eth0 --sip.ports 5060,5080-5090
npx ringtap run -i eth1 -i eth2 --capture.promiscuous --capture.ring-size 256MiB
npx ringtap run --sip.peer proxy=192.0.2.1:5060 --sip.peer 'sbc=[2001:db8::1]:5060'
npx ringtap run -i none --hep.listen-address udp:0.0.0.0:9060 --hep.allow 192.0.2.0/24
npx ringtap run --sip.detect --web.listen-address 127.0.0.1:10060 --web.listen-address '[::1]:10060'
\`\`\`

Exit codes: 0 after a stop, 1 when something went wrong, 2 for options that are wrong.
`;
}
