// SPDX-License-Identifier: Apache-2.0

/** Everything a message says, before it is written down; forwarding copies it and adds a Via. */
export interface MessageParts {
  readonly startLine: string;
  /** Via values, topmost first. */
  readonly vias: readonly string[];
  /** Header fields between Via and Content-Type, in order, as `Name: value`. */
  readonly fields: readonly string[];
  /** Its type and text; absent where the message has no body. */
  readonly body?: { readonly type: string; readonly text: string };
}

const reasonPhrases: Readonly<Record<number, string>> = {
  100: 'Trying',
  180: 'Ringing',
  181: 'Call Is Being Forwarded',
  182: 'Queued',
  183: 'Session Progress',
  199: 'Early Dialog Terminated',
  200: 'OK',
  202: 'Accepted',
  204: 'No Notification',
  302: 'Moved Temporarily',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  407: 'Proxy Authentication Required',
  408: 'Request Timeout',
  420: 'Bad Extension',
  422: 'Session Interval Too Small',
  423: 'Interval Too Brief',
  480: 'Temporarily Unavailable',
  481: 'Call/Transaction Does Not Exist',
  484: 'Address Incomplete',
  486: 'Busy Here',
  487: 'Request Terminated',
  488: 'Not Acceptable Here',
  491: 'Request Pending',
  500: 'Server Internal Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  504: 'Server Time-out',
  600: 'Busy Everywhere',
  603: 'Decline',
  604: 'Does Not Exist Anywhere',
  608: 'Rejected',
};

/** The status line of a response. */
export function statusLine(code: number): string {
  return `SIP/2.0 ${code} ${reasonPhrases[code] ?? 'Whatever'}`;
}

const compactNames: Readonly<Record<string, string>> = {
  Via: 'v',
  From: 'f',
  To: 't',
  'Call-ID': 'i',
  Contact: 'm',
  'Content-Type': 'c',
  'Content-Length': 'l',
  Supported: 'k',
  'Session-Expires': 'x',
  Event: 'o',
  'Refer-To': 'r',
};

/** The message as it goes over the wire. */
export function messageText(parts: MessageParts, isCompact: boolean): string {
  const { startLine, vias, fields, body } = parts;
  const lines = [
    ...vias.map((via) => `Via: ${via}`),
    ...fields,
    ...(body === undefined ? [] : [`Content-Type: ${body.type}`]),
    `Content-Length: ${body?.text.length ?? 0}`,
  ];
  const written = isCompact ? lines.map(withCompactName) : lines;
  return `${[startLine, ...written].join('\r\n')}\r\n\r\n${body?.text ?? ''}`;
}

function withCompactName(line: string): string {
  const name = line.slice(0, line.indexOf(':'));
  const compact = compactNames[name];
  return compact === undefined ? line : compact + line.slice(name.length);
}

/** A session description with one audio stream (RFC 8866). */
export function sessionDescription(address: string, direction: string): MessageParts['body'] {
  const lines = [
    'v=0',
    `o=- 3890000000 1 IN IP4 ${address}`,
    's=-',
    `c=IN IP4 ${address}`,
    't=0 0',
    'm=audio 40000 RTP/AVP 8 101',
    'a=rtpmap:101 telephone-event/8000',
    `a=${direction}`,
    '',
  ];
  return { type: 'application/sdp', text: lines.join('\r\n') };
}
