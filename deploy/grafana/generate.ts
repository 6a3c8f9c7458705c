// SPDX-License-Identifier: Apache-2.0
// npm run dashboards: writes the dashboards as files that Grafana reads.
import { writeFileSync } from 'node:fs';
import { dashboardFiles } from './source/dashboards.ts';

for (const [name, json] of dashboardFiles) {
  writeFileSync(new URL(`dashboards/${name}`, import.meta.url), json);
}
