// SPDX-License-Identifier: Apache-2.0
import type { AbuseOptions, SessionLimit } from '../abuse/abuse-options.ts';
import type { CommandLine } from './command-line.ts';
import { globsOf, networksOf } from './labels.ts';
import { ConfigError, parseCount, parseDuration } from './values.ts';

/** Targets kept of a source: words of its record. */
const MAX_TARGETS = 256;
const MAX_RECORDS = 2 ** 22;
const MAX_COUNT = 1_000_000;
const NONE = 'none';
const KNOWN = 'known';
/**
 * What scanners call themselves that do not hide: SIPVicious, sipcli, sippts, Vax and others that lists of administrators
 * have. Not sipsak, which looks after servers as well.
 */
export const knownScannerAgents: readonly string[] = [
  'friendly-scanner*',
  'friendly-request*',
  'sipvicious*',
  'sipcli*',
  'sip-scan*',
  'sundayddr*',
  'iWar*',
  'VaxSIPUserAgent*',
  'VaxIPUserAgent*',
  'pplsip*',
  'sipptk*',
  'siparmyknife*',
  'SIVuS*',
];

/** What is taken for abuse; `carriers` are the values of that label. Throws ConfigError. */
export function abuseOf(line: CommandLine, carriers: readonly string[]): AbuseOptions {
  const count = (name: string, minimum: number, maximum: number): number =>
    parseCount(line.place(name), line.one(name), minimum, maximum);
  const duration = (name: string): number => parseDuration(line.place(name), line.one(name), true);
  const agents = line.one('abuse.scanner-agents');
  const trusted = line.all('abuse.trusted-networks').flatMap((text) => text.split(','));
  return {
    scanThresholds: [
      count('abuse.registration-scan', 0, MAX_TARGETS),
      count('abuse.invite-scan', 0, MAX_TARGETS),
      count('abuse.options-scan', 0, MAX_TARGETS),
      count('abuse.password-failures', 0, MAX_COUNT),
    ],
    scanMicros: windowOf(line, 'abuse.scan-window'),
    burstAttempts: count('abuse.burst-attempts', 0, MAX_COUNT),
    burstMicros: windowOf(line, 'abuse.burst-window'),
    countryMicros: duration('abuse.country-window'),
    shortSessionMillis: duration('abuse.short-session') / 1e3,
    ipv6PrefixBits: count('abuse.ipv6-prefix', 32, 64),
    maxSources: count('abuse.max-sources', 1, MAX_RECORDS),
    maxAccounts: count('abuse.max-accounts', 1, MAX_RECORDS),
    sessionLimits: limitsOf(line, carriers),
    ...(agents !== NONE && {
      scannerAgents: globsOf(line.place('abuse.scanner-agents'), agentsOf(agents)),
    }),
    ...(trusted.length > 0 && {
      trustedNetworks: networksOf(line.place('abuse.trusted-networks'), trusted),
    }),
    isTelling: line.isOn('abuse.log'),
  };
}

const agentsOf = (text: string): string[] =>
  text.split(',').flatMap((agent) => (agent.trim() === KNOWN ? knownScannerAgents : [agent]));

/** Length of a window: its number since the epoch has 32 bits. Throws ConfigError. */
function windowOf(line: CommandLine, name: string): number {
  const micros = parseDuration(line.place(name), line.one(name));
  if (micros >= 1e6 && micros <= 3600e6) return micros;
  throw new ConfigError(`${line.place(name)} takes 1s to 1h, not "${line.one(name)}"`);
}

function limitsOf(line: CommandLine, carriers: readonly string[]): SessionLimit[] {
  const place = line.place('abuse.session-limit');
  const limits: SessionLimit[] = [];
  for (const text of line.all('abuse.session-limit')) {
    const [, carrier = '', sessions = ''] = /^([A-Za-z0-9_.-]{1,63})=(\d+)$/.exec(text) ?? [];
    if (carrier === '')
      throw new ConfigError(`${place} takes NAME=SESSIONS, such as telco=100, not "${text}"`);
    if (!carriers.includes(carrier)) {
      throw new ConfigError(
        `${place} names "${carrier}", which is no carrier of --labels.carrier, --labels.carrier-header or --labels.carrier-uri`,
      );
    }
    if (limits.some((limit) => limit.carrier === carrier)) {
      throw new ConfigError(`${place} names "${carrier}" twice`);
    }
    limits.push({ carrier, sessions: parseCount(place, sessions, 1, MAX_COUNT) });
  }
  return limits;
}
