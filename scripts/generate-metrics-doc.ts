// SPDX-License-Identifier: Apache-2.0
// npm run docs: writes docs/metrics.md from src/metrics/families.ts.
import { writeFileSync } from 'node:fs';
import { renderMetricsDocument } from '../src/exposition/metrics-document.ts';

writeFileSync(new URL('../docs/metrics.md', import.meta.url), renderMetricsDocument());
