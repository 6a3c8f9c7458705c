// SPDX-License-Identifier: Apache-2.0
import { parseConfig } from '../../../src/config/config.ts';
import type { BenchCase } from '../../measure-case.ts';
import { countryWords } from '../../support/country-file.ts';
import { prepareFullCalls } from '../../support/full-calls.ts';
import { FrameSet } from '../../traffic/frame-set.ts';

const calls = 4000;
const args = [
  ...[
    '--labels.carrier',
    'a=192.0.2.0/24,2001:db8::/32',
    '--labels.carrier-header',
    'b=X-Carrier:b,X-Trunk:*b*',
  ],
  ...['--labels.carrier-uri', 'c=sip:+49', '--labels.number-country', '--networks.local', '10.0.0.0/16'],
  ...['--labels.user-agent', 'phone=Cisco*,*Yealink*,*phone*', '--labels.user-agent', 'scanner=*scanner*'],
];

/**
 * As pipeline/full-calls-labels, with countries and where no address is of a carrier: header fields are asked, then the
 * request URI. Numbers in From and To tell the countries.
 */
export default function prepare(): BenchCase {
  const { labels } = parseConfig(args).analysis;
  const addressCountries = countryWords(20_000);
  return prepareFullCalls(new FrameSet(calls), calls, labels && { labels: { ...labels, addressCountries } });
}
