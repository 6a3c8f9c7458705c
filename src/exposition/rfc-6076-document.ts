// SPDX-License-Identifier: Apache-2.0

/** A section of RFC 6076: what it says, what ringtap makes of it, queries with a word on each. */
interface Section {
  readonly title: string;
  readonly says: string;
  readonly does: string;
  readonly queries: readonly (readonly [string, string])[];
}

/** p95 of a histogram, and its mean. */
const percentile = (name: string, labels: string): string =>
  `histogram_quantile(0.95, sum by (le) (rate(${name}_bucket${labels}[5m])))`;
const mean = (name: string, labels: string): string =>
  `sum(rate(${name}_sum${labels}[5m])) / sum(rate(${name}_count${labels}[5m]))`;

const results = 'sip_session_attempt_results_total';
const codes = 'sip_session_attempt_codes_total';
const invites = 'sip_invite_requests_by_final_code_total';
const registrations = 'sip_registration_results_total';
const ineffectiveRegistration = 'result=~"rejected|server_error|global_error|timeout",code!="402"';
const sum = (family: string, labels = '', range = '1h'): string =>
  `sum(increase(${family}${labels && `{${labels}}`}[${range}]))`;
const ratio = (numerator: string, denominator: string): string => `${numerator}\n/ ${denominator}`;

const sections: readonly Section[] = [
  {
    title: '4.1 Registration Request Delay (RRD)',
    says: 'From the first REGISTER to the 200 OK, as seen by the UA that registers; the challenge and its answer are part of it. Only successful registrations count; milliseconds.',
    does: '`sip_registration_request_delay_seconds`: the same, in seconds, from the first REGISTER of an attempt (Call-ID and address-of-record) to its 2xx on the first hop seen. The sensor is rarely at the UA: what the network adds before it is missing.',
    queries: [['95th percentile', percentile('sip_registration_request_delay_seconds', '')]],
  },
  {
    title: '4.2 Ineffective Registration Attempts (IRA)',
    says: 'Registrations that end with 4xx but 401, 402 and 407, with 5xx, 6xx, or with timer F, by all REGISTER requests. A retransmission is no request of its own.',
    does: 'The result and its code are counted once for each registration attempt, in which the challenge and its answer are one. A second challenge for credentials that were sent, unless it says `stale=true`, is `authentication_failed`: its code is 401 or 407, so it is no IRA, and worth an alert of its own. A 423 whose longer expiry is then accepted is no failure; by the letter of the RFC its first REGISTER is one. `sip_ineffective_registration_attempts_ratio` is the form per attempt.',
    queries: [
      [
        "The RFC's form, by REGISTER request; on a proxy every hop is a request, so choose an interface and direction",
        ratio(
          sum(registrations, ineffectiveRegistration),
          `(${sum('sip_requests_total', 'method="REGISTER"')}\n   - ${sum('sip_retransmissions_total', 'method="REGISTER",kind="request"')})`,
        ),
      ],
      ['Operational, by attempt', ratio(sum(registrations, ineffectiveRegistration), sum(registrations))],
    ],
  },
  {
    title: '4.3 Session Request Delay (SRD)',
    says: 'From the first INVITE to the first response that tells the user something: a provisional one other than 100, or the 200 OK; in a request that fails, a provisional one or the failure. Redirection is part of it, and 401, 402 and 407 are no failures. Success and failure must never be mixed. Where a call forks, one value for each dialog.',
    does: '`sip_session_request_delay_seconds{outcome}`: from the first INVITE of an attempt to the first response above 100 on the first hop seen, challenges and redirections that are followed inside. Observed once the attempt has its result, because only then the outcome is known: `success` if it was answered, else `failure`, a canceled call included (487 is a 4xx). Differences: one value for each attempt, not for each forked dialog, so that a fork to ten phones is not ten calls. 401, 402, 407 and 3xx that nobody follows are no failures: such an attempt has no value unless something else came before.',
    queries: [
      [
        '95th percentile of calls that were answered',
        percentile('sip_session_request_delay_seconds', '{outcome="success"}'),
      ],
      ['Mean of those that failed', mean('sip_session_request_delay_seconds', '{outcome="failure"}')],
    ],
  },
  {
    title: '4.4 Session Disconnect Delay (SDD)',
    says: 'From the BYE to its 2xx, from either side; the formula also has "or timeout". An error that is recovered from, such as a 503 with Retry-After, is not the end: the 2xx that follows is. Success and failure must not be mixed, and sessions whose BYE runs into timer F should be left out.',
    does: '`sip_session_disconnect_delay_seconds{outcome}`: from the first BYE to its 2xx is `success`; to another final response, or 32 s without any, `failure`. 401 and 407 are waited for, other errors are not. A BYE without answer is a value of 32 s among the failures, in the buckets above 30 s, and not left out: `success` is free of it either way, and how many there are is worth knowing.',
    queries: [
      ['95th percentile', percentile('sip_session_disconnect_delay_seconds', '{outcome="success"}')],
      [
        'BYE requests without any answer',
        `${sum('sip_session_disconnect_delay_seconds_count', 'outcome="failure"')}\n- ${sum('sip_session_disconnect_delay_seconds_bucket', 'outcome="failure",le="30.0"')}`,
      ],
    ],
  },
  {
    title: '4.5 Session Duration Time (SDT)',
    says: 'From the 200 OK of the INVITE to the BYE. If the BYE gets no response at all, the session completion failed, and the time until timer F counts. Early media is not part of it.',
    does: '`sip_session_duration_seconds{outcome}`: the same, any 2xx, told when the BYE has its final response, whichever; `failure` where it got none until timer F. Sessions that end without BYE have no duration; `sip_sessions_ended_total` counts them.',
    queries: [
      ['Mean, the average call hold time', mean('sip_session_duration_seconds', '{outcome="success"}')],
      [
        'Share of calls shorter than 5 s',
        ratio(
          sum('sip_session_duration_seconds_bucket', 'le="5.0"'),
          sum('sip_session_duration_seconds_count'),
        ),
      ],
    ],
  },
  {
    title: '4.6 Session Establishment Ratio (SER)',
    says: 'INVITE requests of new sessions with a 200 OK, by all of them less those with 3xx. Only 3xx is taken from the denominator: challenges with 401 and 407 stay in it. Likened to the ASR of ITU-T E.411.',
    does: "The RFC's form counts INVITE requests without To tag on the first hop seen, each branch of a fork there, each with its own final code; 2xx alike. A challenged call is two requests, one of them without success, so with authentication it can hardly be above 0.5. In the operational form a call is one attempt with one result whatever challenges, redirections and branches it took; only redirections that nobody followed leave the denominator. `sip_session_establishment_ratio` is that.",
    queries: [
      ["The RFC's form, by INVITE request", ratio(sum(invites, 'code=~"2.."'), sum(invites, 'code!~"3.."'))],
      [
        'Operational, by attempt',
        ratio(sum(results, 'result="answered"'), sum(results, 'result!="redirected"')),
      ],
    ],
  },
  {
    title: '4.7 Session Establishment Effectiveness Ratio (SEER)',
    says: 'As SER, with 480, 486, 600 and 603 in the numerator besides the 200 OK: they tell of the called user, not of the network. 401, 407 and 420 are named as not among them.',
    does: 'Both forms use exactly these codes. 607 and 608, which came later and also tell of the called user or a screening service, are not among them: they are `declined` in the results and part of NER below. `sip_session_establishment_effectiveness_ratio` is the form per attempt.',
    queries: [
      [
        "The RFC's form, by INVITE request",
        ratio(sum(invites, 'code=~"2..|480|486|600|603"'), sum(invites, 'code!~"3.."')),
      ],
      [
        'Operational, by attempt',
        ratio(sum(codes, 'code=~"2..|480|486|600|603"'), sum(codes, 'code!~"3.."')),
      ],
    ],
  },
  {
    title: '4.8 Ineffective Session Attempts (ISA)',
    says: 'Session requests that a proxy or agent releases because it failed or is overloaded, by all session requests; 408, 500, 503 and 504 are given as a guideline. 3xx is not taken out.',
    does: "The same codes, and `timeout`: a client takes silence as a 408 of its own (RFC 3261 §8.1.3.1), which never is on the wire. A 408 after ringing counts here by its code although its result is `no_answer`. An attempt that is canceled and gets no final response is the caller's doing and no ISA. `sip_ineffective_session_attempts_ratio` is the form per attempt.",
    queries: [
      [
        "The RFC's form, by INVITE request; without `timeout` it is the bare guideline",
        ratio(sum(invites, 'code=~"408|500|503|504|timeout"'), sum(invites)),
      ],
      [
        'Operational, by attempt',
        ratio(
          `(${sum(codes, 'code=~"408|500|503|504"')} + ${sum(results, 'result="timeout"')})`,
          sum(results),
        ),
      ],
    ],
  },
  {
    title: '4.9 Session Completion Ratio (SCR)',
    says: 'Sessions that complete without failing for lack of a response from a proxy or UA, by all session requests. The example is a challenged call that is answered and ended with a BYE and its 200 OK.',
    does: 'Completed is a session whose BYE got a final response. A session is counted when it ends, the request when it is answered: over a time much shorter than a call the two are of different calls, so use the counters over a day. `sip_session_completion_ratio` is the form per attempt, and counts each where its story ends: completed sessions by failed attempts and ended sessions, so that it is right over a short window too. Of a fork that several branches answer it counts the first session only; the queries count all.',
    queries: [
      [
        "The RFC's form, by INVITE request",
        ratio(sum('sip_session_duration_seconds_count', 'outcome="success"', '1d'), sum(invites, '', '1d')),
      ],
      [
        'Operational, by attempt',
        ratio(sum('sip_session_duration_seconds_count', 'outcome="success"', '1d'), sum(results, '', '1d')),
      ],
    ],
  },
];

const itu: readonly Section[] = [
  {
    title: 'Answer seizure ratio (ASR)',
    says: 'Seizures that result in an answer, by all seizures (ITU-T E.411, E.425).',
    does: 'A seizure is a session attempt. Unlike SER, redirected attempts stay in the denominator. `sip_answer_seizure_ratio` is this.',
    queries: [['By attempt', ratio(sum(results, 'result="answered"'), sum(results))]],
  },
  {
    title: 'Network effectiveness ratio (NER)',
    says: 'Seizures that reach the called terminal, by all seizures: answered, user busy, ring no answer, or rejected by the terminal (ITU-T E.425). What users do shall not count against the network.',
    does: '`sip_network_effectiveness_ratio`: answered, busy, no_answer and declined. A caller who hangs up while it rings is `canceled` and not in the numerator, because nobody knows whether a call that was canceled would have got through; those that had been ringing would, so the second query adds them.',
    queries: [
      ['By attempt', ratio(sum(results, 'result=~"answered|busy|no_answer|declined"'), sum(results))],
      [
        'With calls that were canceled while they rang',
        ratio(
          `(${sum(results, 'result=~"answered|busy|no_answer|declined"')}\n   + ${sum('sip_cancel_ring_seconds_count')})`,
          sum(results),
        ),
      ],
    ],
  },
];

function sectionText({ title, says, does, queries }: Section): string {
  const blocks = queries.map(([what, query]) => `${what}:\n\n\`\`\`promql\n${query}\n\`\`\`\n`);
  return [`### ${title}\n`, `It says: ${says}\n`, `ringtap: ${does}\n`, ...blocks].join('\n');
}

/** The part of docs/metrics.md about standards, checked against the text of RFC 6076. */
export function renderStandards(): string {
  return [
    `## RFC 6076, section by section

The RFC measures at the UA that begins a request; ringtap where it captures, on the first hop it sees. A denominator of 0
leaves a metric undefined: NaN. The RFC wants percentages; ringtap publishes ratios from 0 to 1. Times begin with the
first transmission of a message, whatever is retransmitted.
`,
    ...sections.map(sectionText),
    '## ITU-T E.411 and E.425\n',
    ...itu.map(sectionText),
  ].join('\n');
}
