// SPDX-License-Identifier: Apache-2.0
import { abuse } from './abuse.ts';
import { calls } from './calls.ts';
import type { NamedDashboard } from './make-dashboard.ts';
import { mediaQuality } from './media-quality.ts';
import { overview } from './overview.ts';
import { registrations } from './registrations.ts';
import { ringtap } from './ringtap.ts';
import { trunks } from './trunks.ts';

const all: readonly NamedDashboard[] = [overview, calls, trunks, registrations, mediaQuality, abuse, ringtap];

/** Every dashboard as its file has it, by file name. */
export const dashboardFiles: ReadonlyMap<string, string> = new Map(
  all.map(({ name, dashboard }) => [`${name}.json`, `${JSON.stringify(dashboard, null, 2)}\n`]),
);
