// SPDX-License-Identifier: Apache-2.0

/** The largest message that is read; what is beyond is not SIP as anyone sends it, and has an error of its own. */
export interface ParserLimits {
  /** Bytes of a message, start line to body. */
  readonly maxMessageBytes: number;
  /** Bytes of one header field with all its folded lines. */
  readonly maxHeaderBytes: number;
  /** Header fields of a message. */
  readonly maxHeaders: number;
  /** Via values of a message: hops. */
  readonly maxVias: number;
}
