// Goal: a template says the same in YAML and in TypeScript, tells its story, and runs in the reference world as it is.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { templateNames } from '../../../chaos/cli/new.ts'
import { checkNames } from '../../../chaos/scenarios/names.ts'
import { referenceWorld } from '../../../chaos/scenarios/reference.ts'
import type { Scenario } from '../../../chaos/scenarios/schema.ts'
import { parseScenario } from '../../../chaos/scenarios/yaml.ts'

const read = (file: string): string =>
  readFileSync(new URL(`../../../chaos/scenarios/templates/${file}`, import.meta.url), 'utf8')

test('there are the five that are promised', () => {
  expect(templateNames()).toEqual(
    expect.arrayContaining(['custom-empty', 'partition', 'region-loss', 'rolling-restart', 'slow-link']),
  )
})

describe.each(templateNames())('%s', (name) => {
  test('says the same in both languages', async () => {
    const { default: inTypeScript } = (await import(`../../../chaos/scenarios/templates/${name}.ts`)) as {
      default: Scenario
    }
    expect(parseScenario(read(`${name}.yaml`), `${name}.yaml`, referenceWorld)).toEqual(inTypeScript)
    expect(checkNames(inTypeScript, referenceWorld)).toEqual([])
    expect(inTypeScript.name).toBe(name)
  })

  test.each(['yaml', 'ts'])('tells its story on top (%s)', (language) => {
    const text = read(`${name}.${language}`)
    expect(text).toMatch(/^(?:#|\/\/) Goal: .+/m)
    expect(text).toMatch(/^(?:#|\/\/) {3}clients ─► router/m)
    expect(text).toMatch(/^(?:#|\/\/) Method: .+/m)
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(140)
  })

  test('ends after its last heal', () => {
    const { faults, observeMs } = parseScenario(read(`${name}.yaml`), `${name}.yaml`)
    expect(observeMs).toBeGreaterThan(Math.max(...faults.map((fault) => fault.atMs + fault.forMs)))
  })
})
