// Goal: the names that scenarios are checked against are those of the reference world, no more and no fewer.
// Method: the labels and services in its Compose files, read the way Compose reads them, through the harness's own
// reader of labels.

import { expect, test } from 'vitest'
import { namesOf } from '../../../chaos/scenarios/names.ts'
import { referenceWorld } from '../../../chaos/scenarios/reference.ts'
import { included, reference, services } from './reference-stack.ts'

const names = namesOf(reference)

test('the Compose files were read', () => {
  expect(included.length).toBeGreaterThan(3)
  expect(Object.values(services).every(({ labels }) => labels['blackstart.world'] === 'blackstart')).toBe(true)
})

test.each(['regions', 'zones', 'sites', 'links', 'nodes'] as const)('%s', (which) => {
  expect([...referenceWorld[which]].toSorted()).toEqual([...names[which]].toSorted())
})
