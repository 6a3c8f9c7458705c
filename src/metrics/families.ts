// SPDX-License-Identifier: Apache-2.0
import { contextLabels, type FamilyDefinition, type LabelDefinition, Space } from './definition.ts';
import { abuseFamilies } from './families/abuse.ts';
import { captureFamilies } from './families/capture.ts';
import { configFamilies } from './families/config.ts';
import { fragmentFamilies } from './families/fragments.ts';
import { hepFamilies } from './families/hep.ts';
import { mediaCallFamilies } from './families/media-calls.ts';
import { mediaSignallingFamilies } from './families/media-signalling.ts';
import { messageFamilies } from './families/messages.ts';
import { processFamilies } from './families/process.ts';
import { pushFamilies } from './families/push.ts';
import { qualityFamilies } from './families/quality.ts';
import { ratioFamilies } from './families/ready-ratios.ts';
import { peerFamilies, registrationFamilies } from './families/registrations.ts';
import { rtcpFamilies } from './families/rtcp.ts';
import { rtpStreamFamilies } from './families/rtp-streams.ts';
import { sessionFamilies } from './families/sessions.ts';
import { streamFamilies } from './families/streams.ts';
import { tlsFamilies } from './families/tls.ts';
import { transportFamilies } from './families/transports.ts';
import { voiceReportFamilies } from './families/voice-reports.ts';
import { webFamilies } from './families/web.ts';

/** Families that belong together. */
export interface FamilyGroup {
  readonly title: string;
  readonly families: readonly FamilyDefinition[];
}

const ofPackets = (family: FamilyDefinition): FamilyDefinition => ({ ...family, isOfPackets: true });

const described: readonly FamilyGroup[] = [
  { title: 'Messages', families: messageFamilies },
  { title: 'Session attempts, dialogs, sessions', families: sessionFamilies },
  { title: 'Registrations and OPTIONS', families: registrationFamilies },
  { title: 'Fraud and abuse', families: abuseFamilies },
  { title: 'Session descriptions', families: mediaSignallingFamilies },
  { title: 'Voice quality', families: qualityFamilies.map(ofPackets) },
  { title: 'RTCP', families: rtcpFamilies.map(ofPackets) },
  { title: 'Voice quality told in SIP', families: voiceReportFamilies },
  { title: 'Ready ratios', families: ratioFamilies },
  { title: 'Peers', families: peerFamilies },
  { title: 'Media of calls', families: mediaCallFamilies },
  { title: 'RTP streams', families: rtpStreamFamilies.map(ofPackets) },
  { title: 'ringtap itself', families: captureFamilies },
  { title: 'IP fragments', families: fragmentFamilies },
  { title: 'TCP streams', families: streamFamilies },
  { title: 'WebSocket and SCTP', families: transportFamilies },
  { title: 'TLS', families: tlsFamilies },
  { title: 'HEP', families: hepFamilies },
  { title: 'Web server', families: webFamilies },
  { title: 'Sending', families: pushFamilies },
  { title: 'Configuration', families: configFamilies },
  { title: 'Process', families: processFamilies },
];

const family: LabelDefinition = {
  name: 'family',
  values: [
    ...described.flatMap((group) => group.families.map(({ name }) => name)),
    'ringtap_metric_series',
    'ringtap_metric_series_overflow_total',
    'ringtap_metric_label_overflow_total',
  ],
};

const seriesFamilies: readonly FamilyDefinition[] = [
  {
    name: 'ringtap_metric_series',
    type: 'gauge',
    help: 'Series exposed, by family; of a histogram every bucket, sum and count.',
    space: Space.global,
    labels: [family],
    source: '',
    example: 'sum(ringtap_metric_series)',
  },
  {
    name: 'ringtap_metric_series_overflow_total',
    type: 'counter',
    help: 'Label sets that found the series budget used up and were counted under "other" instead, by family.',
    space: Space.global,
    labels: [family],
    source: '',
    example: 'ringtap_metric_series_overflow_total > 0',
  },
  {
    name: 'ringtap_metric_label_overflow_total',
    type: 'counter',
    help: 'The same, and label sets beyond the 4,096 that a worker can have, by the label that has the most values: which one to have less of.',
    space: Space.global,
    labels: [{ name: 'label', values: contextLabels }],
    source: '',
    example: 'topk(1, ringtap_metric_label_overflow_total > 0)',
  },
];

/** Every metric family ringtap knows, by subject. */
export const familyGroups: readonly FamilyGroup[] = [
  ...described,
  { title: 'Series', families: seriesFamilies },
];

/** Every metric family ringtap knows, in the order of the exposition; a family's id is its place here. */
export const families: readonly FamilyDefinition[] = familyGroups.flatMap((group) => group.families);

const idByName = new Map(families.map((definition, id) => [definition.name, id]));

/** The id of a family by its name. Throws for a name that is not in `families`: a programming error. */
export function familyId(name: string): number {
  const id = idByName.get(name);
  if (id === undefined) throw new Error(`no metric family is named ${name}`);
  return id;
}
