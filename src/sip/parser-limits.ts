// SPDX-License-Identifier: Apache-2.0

/** The largest message that is read; what is beyond is not SIP as anyone sends it, and has an error of its own. */
export interface ParserLimits {
  /** Bytes of a message, start line to body. */
  readonly maxMessageBytes: number;
  /** Bytes of one header field with all its folded lines and its line end. */
  readonly maxHeaderBytes: number;
  /** Header fields of a message. */
  readonly maxHeaders: number;
  /** Via values of a message: hops. */
  readonly maxVias: number;
}

/** As much as UDP carries, fields as long as proxies take them, and as many hops as Max-Forwards usually allows. */
export const defaultParserLimits: ParserLimits = {
  maxMessageBytes: 65_535,
  maxHeaderBytes: 8192,
  maxHeaders: 256,
  maxVias: 70,
};
