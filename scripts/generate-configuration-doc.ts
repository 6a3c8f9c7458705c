// SPDX-License-Identifier: Apache-2.0
// npm run docs: writes docs/configuration.md from the options.
import { writeFileSync } from 'node:fs';
import { renderConfigurationDocument } from '../src/config/document.ts';

writeFileSync(new URL('../docs/configuration.md', import.meta.url), renderConfigurationDocument());
