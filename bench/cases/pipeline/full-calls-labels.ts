// SPDX-License-Identifier: Apache-2.0
import { parseConfig } from '../../../src/config/config.ts';
import type { BenchCase } from '../../measure-case.ts';
import { prepareFullCalls } from '../../support/full-calls.ts';
import { FrameSet } from '../../traffic/frame-set.ts';

const calls = 4000;
const args = [
  ...['--labels.carrier', 'a=192.0.2.0/24,198.51.100.0/24,2001:db8::/32', '--labels.carrier', 'b=10.0.0.0/8'],
  ...['--labels.user-agent', 'phone=Cisco*,*Yealink*,*phone*', '--labels.user-agent', 'scanner=*scanner*'],
  ...['--networks.local', '10.0.0.0/16'],
];

/** As pipeline/full-calls, with labels by network, user agent and local networks. */
export default function prepare(): BenchCase {
  const { labels } = parseConfig(args).analysis;
  return prepareFullCalls(new FrameSet(calls), calls, labels && { labels });
}
