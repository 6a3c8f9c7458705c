// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert/strict';
import test from 'node:test';
import { type FamilyDefinition, Space, seriesPerContext, spaceLabels } from './definition.ts';
import { families, familyGroups, familyId } from './families.ts';
import { CONTEXT_SIZE } from './shard-memory.ts';

test('names, labels and help texts follow the rules of Prometheus', () => {
  for (const { name, type, help, labels, space, example } of families) {
    assert.match(name, /^(?:sip|rtp|rtcp|ringtap|process|nodejs)_[a-z0-9_]+[a-z0-9]$/, name);
    assert.equal(
      name.endsWith('_total'),
      type === 'counter',
      `${name}: a counter, and only it, ends in _total`,
    );
    if (type === 'ratio') assert.match(name, /_ratio$/);
    assert.doesNotMatch(name, /_(?:count|sum|bucket|created)$/, `${name} ends like a part of a histogram`);
    assert.match(help, /^\S.*\.$/, `${name}: a help text is a sentence`);
    assert.ok(example.includes(name), `${name}: the example asks for something else`);
    const labelNames = [...spaceLabels[space]!, ...labels.map((label) => label.name)];
    assert.equal(new Set(labelNames).size, labelNames.length, `${name}: a label twice`);
    for (const label of labelNames)
      assert.match(label, /^(?!__)[a-z_][a-z0-9_]*$/, `${name}: label ${label}`);
    for (const { name: label, values } of labels) {
      assert.ok(values.length > 0, `${name}: label ${label} has no values`);
      assert.equal(new Set(values).size, values.length, `${name}: a value of ${label} twice`);
      assert.ok(
        values.every((value) => value !== ''),
        `${name}: an empty value is no label`,
      );
    }
  }
});

test('the tuples of a family are of its labels, each once', () => {
  const families = familyGroups.flatMap((group) => group.families);
  for (const { name, labels, tuples } of families) {
    if (!tuples) continue;
    assert.equal(new Set(tuples.map((tuple) => JSON.stringify(tuple))).size, tuples.length, name);
    for (const tuple of tuples) assert.equal(tuple.length, labels.length, name);
    for (const [i, { values }] of labels.entries())
      assert.deepEqual(
        new Set(tuples.map((tuple) => tuple[i]!)),
        new Set(values),
        `${name}: ${labels[i]!.name}`,
      );
  }
});

test('the series of 4 interfaces, each way, fit into a quarter of the default budget, 10 carriers on 2 of them into all of it', () => {
  const series = (isCounted: (family: FamilyDefinition) => boolean) =>
    families.filter(isCounted).reduce((sum, family) => sum + seriesPerContext(family), 0);
  const count = (space: Space) => series((family) => family.space === space && !family.isRare);
  const fixed = count(Space.global) + count(Space.build) + count(Space.window);
  const perInterface = count(Space.interface) + count(Space.socket);
  // --metrics.max-series 120000
  assert.ok(fixed + 4 * (perInterface + 3 * count(Space.traffic)) <= 30_000);
  const ofTraffic = series((family) => family.space === Space.traffic);
  const ofMessages = series((family) => family.space === Space.traffic && !family.isOfPackets);
  const withCarriers = 2 * (perInterface + 2 * (ofTraffic + 11 * ofMessages));
  assert.ok(fixed + withCarriers <= 120_000);
  // --metrics.max-series-per-family 60000
  assert.ok(4 * 12 * Math.max(...families.map(seriesPerContext)) <= 60_000);
});

test('family names are unique, also without the suffixes that types add to them', () => {
  const names = families.map(({ name }) => name.replace(/_(?:total|info)$/, ''));
  assert.equal(new Set(names).size, names.length);
});

test('there is a label name for each text of a context, at most six', () => {
  assert.equal(spaceLabels.length, Object.keys(Space).length);
  for (const labels of spaceLabels) assert.ok(labels.length < CONTEXT_SIZE);
});

test('the values of the label family are the families, by id', () => {
  for (const name of ['ringtap_metric_series', 'ringtap_metric_series_overflow_total']) {
    assert.deepEqual(
      families[familyId(name)]!.labels[0]!.values,
      families.map((family) => family.name),
    );
  }
});

test('familyId finds every family and no other', () => {
  for (const [id, { name }] of families.entries()) assert.equal(familyId(name), id);
  assert.throws(() => familyId('sip_nonsense_total'), /no metric family is named sip_nonsense_total/);
});
