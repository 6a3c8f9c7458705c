// SPDX-License-Identifier: Apache-2.0
import type { OptionDefinition } from '../option-definition.ts';

/** What labels besides interface and direction are made of. */
export const labelOptions: readonly OptionDefinition[] = [
  {
    name: 'labels.carrier',
    value: 'NAME=LIST',
    repeatable: true,
    live: true,
    help: 'Label carrier="NAME" for traffic with these networks, such as telco=192.0.2.0/24,2001:db8::/32; @FILE reads them from a file, one a line. The longest prefix of the far address counts. At most 1,000 names.',
  },
  {
    name: 'labels.carrier-uri',
    value: 'NAME=LIST',
    repeatable: true,
    live: true,
    help: 'The same, where the address is of no carrier, for requests whose request URI begins so, such as telco=sip:+49,sips:+49; * stands for any text, ? for a character.',
  },
  {
    name: 'labels.carrier-header',
    value: 'NAME=LIST',
    repeatable: true,
    live: true,
    help: 'The same for requests with such a header field, before the request URI is asked, such as telco=X-Carrier:telco,From:*@telco.example*; the whole value must match, * and ? as above, the first that matches counts.',
  },
  {
    name: 'labels.user-agent',
    value: 'NAME=LIST',
    repeatable: true,
    live: true,
    help: 'Label ua_type="NAME" by patterns of User-Agent, or else Server, such as phone=Cisco*,Yealink*; * stands for any text, ? for a character, letters for both cases. The first that matches counts. At most 64 names.',
  },
  {
    name: 'labels.number-country',
    live: true,
    help: 'Labels source_country and destination_country by the numbers in From and To, where they begin with + or 00.',
  },
  {
    name: 'labels.country-database',
    value: 'FILE',
    live: true,
    help: 'The same labels by address, of whom no number tells, from a MaxMind DB file of countries, such as GeoLite2-Country.mmdb. A reload reads it again.',
  },
  {
    name: 'networks.local',
    value: 'LIST',
    repeatable: true,
    live: true,
    help: 'Networks of this side, such as 10.0.0.0/8. Where the interface does not tell the direction (a mirror port, a capture file, HEP), they do: inbound, outbound, or forwarded where both ends or none are of them.',
  },
];
