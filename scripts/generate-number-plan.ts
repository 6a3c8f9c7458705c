// SPDX-License-Identifier: Apache-2.0
// node scripts/generate-number-plan.ts [--check]: writes src/sip/number-plan.ts, or compares it, from the metadata of
// libphonenumber-js, which npm fetches. For a newer one change the version here, and what npm says of it.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { numberPlanOf, type PhoneMetadata, renderNumberPlan } from './number-plan.ts';

const version = '1.13.16';
/** `npm view libphonenumber-js@VERSION dist.integrity` */
const integrity =
  'sha512-tIOCM9yx2Go6d5/ZANe0K+G4AZek1Ymx81HxQpf19Sri4zMP95eQbKdnUGHAvFQ4nx0PeLhFqvAfisTADXj3tQ==';
const file = new URL('../src/sip/number-plan.ts', import.meta.url);

function fetchMetadata(): PhoneMetadata {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-number-plan-'));
  try {
    const name = `libphonenumber-js-${version}.tgz`;
    execFileSync('npm', ['pack', '--silent', `libphonenumber-js@${version}`], {
      cwd: folder,
      stdio: 'ignore',
    });
    const archive = readFileSync(join(folder, name));
    const found = `sha512-${createHash('sha512').update(archive).digest('base64')}`;
    if (found !== integrity) throw new Error(`${name} is ${found}, not ${integrity}`);
    execFileSync('tar', ['-xzf', name, 'package/metadata.max.json'], { cwd: folder });
    return JSON.parse(readFileSync(join(folder, 'package/metadata.max.json'), 'utf8'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const text = `// SPDX-License-Identifier: Apache-2.0

/**
 * Which numbers are of which country or territory (ISO 3166-1): the country codes of ITU-T E.164, and area codes where
 * several share one. The longest beginning counts; what several have behind seven digits is the larger one's. Written by
 * scripts/generate-number-plan.ts from libphonenumber-js ${version}.
 */
export const numberPlan: string = \`
${renderNumberPlan(numberPlanOf(fetchMetadata()))}
\`;
`;
if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  console.error('src/sip/number-plan.ts is not what scripts/generate-number-plan.ts writes');
  process.exitCode = 1;
}
