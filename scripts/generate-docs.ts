// SPDX-License-Identifier: Apache-2.0
// npm run docs: writes the pages of docs/ that come from definitions in src/.
import { writeFileSync } from 'node:fs';
import { renderConfigJsonSchema } from '../src/config/config-schema.ts';
import { renderConfigurationDocument } from '../src/config/document.ts';
import { renderMetricsDocument } from '../src/exposition/metrics-document.ts';

const docs = new URL('../docs/', import.meta.url);
writeFileSync(new URL('configuration.md', docs), renderConfigurationDocument());
writeFileSync(new URL('config.schema.json', docs), renderConfigJsonSchema());
writeFileSync(new URL('metrics.md', docs), renderMetricsDocument());
