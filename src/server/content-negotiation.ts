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

/**
 * Whether an Accept header field wants OpenMetrics 1.0.0 rather than the Prometheus text format, which everybody
 * else gets, even who accepts neither: a scraper with an odd header field is better served than refused.
 */
export function prefersOpenMetrics(accept: string | undefined): boolean {
  if (!accept) return false;
  const preferences = parsePreferences(accept);
  const openMetrics = mediaTypeQuality(preferences, 'application/openmetrics-text', '1.0.0');
  const text = mediaTypeQuality(preferences, 'text/plain', '0.0.4');
  if (openMetrics.quality === 0) return false;
  return openMetrics.quality > text.quality || (openMetrics.quality === text.quality && openMetrics.isNamed);
}

/** Whether an Accept-Encoding header field allows gzip (RFC 9110 §12.5.3). */
export function acceptsGzip(acceptEncoding: string | undefined): boolean {
  if (!acceptEncoding) return false;
  const preferences = parsePreferences(acceptEncoding);
  const gzip = preferences.find(({ name }) => name === 'gzip' || name === 'x-gzip');
  const any = preferences.find(({ name }) => name === '*');
  return ((gzip ?? any)?.quality ?? 0) > 0;
}
