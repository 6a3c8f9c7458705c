// SPDX-License-Identifier: Apache-2.0
import { sdpResultNames } from '../../sdp/sdp-result.ts';
import { type FamilyDefinition, Space } from '../definition.ts';

/** What signalling says of media. */
export const mediaSignallingFamilies: readonly FamilyDefinition[] = [
  {
    name: 'sip_session_descriptions_total',
    type: 'counter',
    help: 'Session descriptions (SDP) in messages, by what became of them. bad_multipart and too_many_parts: bodies in which none was found, though there may be one.',
    space: Space.traffic,
    labels: [{ name: 'result', values: sdpResultNames }],
    source: 'RFC 8866, RFC 3264, RFC 5621 §3',
    example: 'sum by (result) (increase(sip_session_descriptions_total{result!="read"}[1h])) > 0',
  },
  {
    name: 'sip_session_description_overflows_total',
    type: 'counter',
    help: 'Media lines, formats, their parameters (a=fmtp), ICE candidates and tags of BUNDLE groups that session descriptions had beyond what is kept: --sdp.max-media, of a media line 32 formats, 32 of a=fmtp and 16 candidates, and 32 tags of a description.',
    space: Space.traffic,
    labels: [],
    source: '',
    example: 'increase(sip_session_description_overflows_total[1h]) > 0',
  },
];
