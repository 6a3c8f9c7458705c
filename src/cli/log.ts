// SPDX-License-Identifier: Apache-2.0

/** Severity, as Prometheus programs print it. */
export type LogLevel = 'info' | 'warn' | 'error';

/** Fields of a line beside time, level and message. */
export type LogFields = Readonly<Record<string, string | number>>;

/** Writes one line to standard error. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/**
 * A logger in the shape of Prometheus programs: logfmt, or one JSON object a line. It writes to standard error, or to
 * `write`.
 */
export function createLog(
  format: 'logfmt' | 'json',
  write: (line: string) => void = (line) => void process.stderr.write(line),
): Log {
  return (level, message, fields = {}) => {
    const record = { time: new Date().toISOString(), level, msg: message, ...fields };
    if (format === 'json') write(`${JSON.stringify(record)}\n`);
    else {
      const pairs = Object.entries(record).map(([name, value]) => `${name}=${quoted(String(value))}`);
      write(`${pairs.join(' ')}\n`);
    }
  };
}

/** As it is when it cannot be mistaken, else as a JSON string: no value can end a line or begin another field. */
function quoted(value: string): string {
  return /^[\w.:/@+-]+$/.test(value) ? value : JSON.stringify(value);
}
