// Goal: the names that scenarios are checked against are those of the reference world, no more and no fewer.
// Method: the labels and services in its Compose files, read the way Compose reads them, through the harness's own
// reader of labels.

import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { isNode } from '../../../chaos/engine/engine.ts'
import { namesOf } from '../../../chaos/scenarios/names.ts'
import { referenceWorld } from '../../../chaos/scenarios/reference.ts'
import { topologyFromLabels } from '../../../chaos/topology/labels.ts'

interface Service {
  extends?: { file: string; service: string }
  labels?: Record<string, unknown>
}
interface Compose {
  include?: string[]
  services?: Record<string, Service>
}

function compose(path: string): Compose {
  const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
  // As with an empty environment: ${NAME:-default}.
  return parse(text.replace(/\$\{\w+:-([^}]*)\}/g, '$1'), { merge: true }) as Compose
}

function labelsOf(service: Service): Record<string, string> {
  const base = service.extends
    ? compose(`regions/${service.extends.file}`).services?.[service.extends.service]
    : undefined
  if (service.extends && !base)
    throw new Error(`there is no service ${service.extends.service} in regions/${service.extends.file}`)
  const own = Object.fromEntries(Object.entries(service.labels ?? {}).map(([key, value]) => [key, String(value)]))
  return { ...(base && labelsOf(base)), ...own }
}

const included = compose('docker-compose.yml').include ?? []
const containers = included.flatMap((path) =>
  Object.entries(compose(path).services ?? {}).map(([service, definition]) => ({
    service,
    labels: labelsOf(definition),
    endpoints: {},
  })),
)
const names = namesOf(topologyFromLabels('blackstart', containers.filter(isNode)))

test('the Compose files were read', () => {
  expect(included.length).toBeGreaterThan(3)
  expect(containers.every(({ labels }) => labels['blackstart.world'] === 'blackstart')).toBe(true)
})

test.each(['regions', 'zones', 'sites', 'links', 'nodes'] as const)('%s', (which) => {
  expect([...referenceWorld[which]].toSorted()).toEqual([...names[which]].toSorted())
})
