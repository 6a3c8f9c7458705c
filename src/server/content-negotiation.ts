// SPDX-License-Identifier: Apache-2.0

/** One element of an Accept or Accept-Encoding header field. */
interface Preference {
  /** Lower case. */
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** 0..1; 0 means: not this. */
  readonly quality: number;
}

/** How many elements of a header field are looked at. */
const MAX_PREFERENCES = 32;

function parsePreferences(headerField: string): Preference[] {
  const preferences: Preference[] = [];
  for (const element of headerField.split(',', MAX_PREFERENCES)) {
    const [name = '', ...rest] = element.split(';').map((part) => part.trim().toLowerCase());
    if (!name) continue;
    const parameters = new Map<string, string>();
    for (const parameter of rest) {
      const equals = parameter.indexOf('=');
      if (equals < 0) continue;
      parameters.set(
        parameter.slice(0, equals).trim(),
        parameter
          .slice(equals + 1)
          .trim()
          .replace(/^"(.*)"$/, '$1'),
      );
    }
    // RFC 9110 §12.4.2; what is no qvalue counts as 0 rather than as a wish.
    const q = parameters.get('q') ?? '1';
    preferences.push({
      name,
      parameters,
      quality: /^(?:0(?:\.\d{0,3})?|1(?:\.0{0,3})?)$/.test(q) ? Number(q) : 0,
    });
  }
  return preferences;
}

/**
 * How welcome a media type in a version is: the quality of the most specific range that covers it
 * (RFC 9110 §12.5.1), and whether that range names it. An element that asks for another version is another type.
 */
function mediaTypeQuality(
  preferences: readonly Preference[],
  mediaType: string,
  version: string,
): { quality: number; isNamed: boolean } {
  const ranges = [mediaType, `${mediaType.slice(0, mediaType.indexOf('/'))}/*`, '*/*'];
  for (const range of ranges) {
    const matching = preferences.filter(
      ({ name, parameters }) => name === range && (parameters.get('version') ?? version) === version,
    );
    if (matching.length > 0) {
      return { quality: Math.max(...matching.map(({ quality }) => quality)), isNamed: range === mediaType };
    }
  }
  return { quality: 0, isNamed: false };
}

/** A format of the metrics. */
export type Format = 'protobuf' | 'openMetrics' | 'text';

const PROTOBUF = 'application/vnd.google.protobuf';

/**
 * The format that an Accept header field wants most: of equal quality one that is named rather than covered by a range, then
 * the one that says most. Prometheus text 0.0.4 is for everybody else, even who accepts none of them: a scraper with an odd
 * header field is better served than refused.
 */
export function preferredFormat(accept: string | undefined): Format {
  if (!accept) return 'text';
  const preferences = parsePreferences(accept);
  const protobufs = preferences.filter(
    ({ name, parameters }) => name !== PROTOBUF || isOurProtobuf(parameters),
  );
  const offers: readonly (readonly [Format, { quality: number; isNamed: boolean }])[] = [
    ['protobuf', mediaTypeQuality(protobufs, PROTOBUF, '')],
    ['openMetrics', mediaTypeQuality(preferences, 'application/openmetrics-text', '1.0.0')],
    ['text', mediaTypeQuality(preferences, 'text/plain', '0.0.4')],
  ];
  // Nobody gets protobuf who does not name it.
  const offered = offers.filter(
    ([format, { quality, isNamed }]) => quality > 0 && (isNamed || format !== 'protobuf'),
  );
  const best = Math.max(...offered.map(([, { quality }]) => quality));
  const wanted = offered.filter(([, { quality }]) => quality === best);
  const [format] = wanted.find(([, { isNamed }]) => isNamed) ?? wanted.at(-1) ?? ['text'];
  return format;
}

/** The protobuf of client_model, each message behind its length; other encodings of it are for debugging. */
function isOurProtobuf(parameters: ReadonlyMap<string, string>): boolean {
  return (
    parameters.get('proto') === 'io.prometheus.client.metricfamily' &&
    parameters.get('encoding') === 'delimited'
  );
}

/** Whether an Accept-Encoding header field allows gzip (RFC 9110 §12.5.3). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (!acceptEncoding) return false;
  const preferences = parsePreferences(acceptEncoding);
  const gzip = preferences.find(({ name }) => name === 'gzip' || name === 'x-gzip');
  const any = preferences.find(({ name }) => name === '*');
  return ((gzip ?? any)?.quality ?? 0) > 0;
}
