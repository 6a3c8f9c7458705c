// SPDX-License-Identifier: Apache-2.0
import { sdpBodies, sdpBytes } from './bodies.ts';

/** Fields and a body of messages with parts, as gateways (RFC 3372), emergency calls (RFC 6442) and others send them. */
export interface MultipartBody {
  readonly name: string;
  readonly fields: readonly string[];
  readonly body: string;
  /** The name of what is in it, of `sdpBodies`. */
  readonly sdp: string;
}

const textOf = (name: string): string =>
  new TextDecoder().decode(sdpBytes(sdpBodies.find((body) => body.name === name)!.lines));
const joined = (...lines: string[]): string => lines.join('\r\n');

export const multipartBodies: readonly MultipartBody[] = [
  {
    name: 'SIP-T: SDP and ISUP',
    fields: ['MIME-Version: 1.0', 'Content-Type: multipart/mixed; boundary=unique-boundary-1'],
    body: joined(
      '--unique-boundary-1',
      'Content-Type: application/SDP; charset=ISO-10646',
      '',
      textOf('Cisco gateway: the connection at the media level too'),
      '--unique-boundary-1',
      'Content-Type: application/ISUP; version=nxv3; base=etsi121',
      'Content-Disposition: signal; handling=optional',
      '',
      '\x01\x00\x49\x00\x00\x03\x02\x00\x07\x04\x10\x00\x33\x63\x21\x43\x00\x00\x03\x06\x0d\x03',
      '--unique-boundary-1--',
      '',
    ),
    sdp: 'Cisco gateway: the connection at the media level too',
  },
  {
    name: 'emergency call: location, then SDP, boundary in quotes',
    fields: ['Content-Type: multipart/mixed;type="application/sdp"; boundary="=_boundary 1.2?"'],
    body: joined(
      'This is a message with several parts in MIME format.',
      '',
      '--=_boundary 1.2?',
      'Content-Type: application/pidf+xml',
      'Content-ID: <target123@atlanta.example.com>',
      '',
      '<?xml version="1.0"?><presence xmlns="urn:ietf:params:xml:ns:pidf"/>',
      '--=_boundary 1.2?',
      'content-type: application/sdp',
      'content-disposition: session',
      '',
      textOf('Asterisk'),
      '--=_boundary 1.2?--',
      'epilogue',
      '',
    ),
    sdp: 'Asterisk',
  },
  {
    name: 'recording: alternatives within, metadata (RFC 7866), an early session (RFC 3959)',
    fields: ['c: MULTIPART/Related ;boundary=outer'],
    body: joined(
      '--outer',
      'Content-Type: application/sdp',
      'Content-Disposition: early-session',
      '',
      textOf('SIPp'),
      '--outer',
      'Content-Type: multipart/alternative;boundary=outer2',
      '',
      '--outer2',
      'Content-Type: text/plain',
      '',
      'Not all know SDP.',
      '--outer2',
      'Content-Type: application/sdp',
      '',
      textOf('fax: audio off and T.38'),
      '--outer2--',
      '--outer',
      'Content-Type: application/rs-metadata+xml',
      'Content-Disposition: recording-session',
      '',
      '<recording xmlns="urn:ietf:params:xml:ns:recording:1"/>',
      '--outer--',
      '',
    ),
    sdp: 'fax: audio off and T.38',
  },
];
