/**
 * Writes docs/scenario.schema.json, by which editors complete and check scenario files: `node
 * tools/scenario-schema.ts`.
 */
import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { descriptions, kindDescriptions, scopeDescriptions } from '../chaos/scenarios/descriptions.ts'
import { scenarioSchema, targetSchema } from '../chaos/scenarios/schema.ts'

/** The part of JSON Schema that zod writes for scenarios. */
interface Node {
  description?: string
  const?: string
  properties?: Record<string, Node>
  items?: Node | Node[]
  oneOf?: Node[]
  $ref?: string
  definitions?: Record<string, Node>
  [keyword: string]: unknown
}

/** The text of docs/scenario.schema.json. Draft 7, since that is what the editors' YAML servers know best. */
export function scenarioJsonSchema(): string {
  const named = z.registry<{ id: string }>()
  // A target is written out once, not once for each kind of fault.
  named.add(targetSchema, { id: 'target' })
  const { $schema, ...schema } = z.toJSONSchema(scenarioSchema, {
    io: 'input',
    target: 'draft-7',
    metadata: named,
  }) as Node
  describe(schema, '')
  for (const target of schema.definitions?.['target']?.oneOf ?? [])
    describeBranch(target, 'scope', scopeDescriptions, 'target ')
  return `${JSON.stringify({ $schema, title: 'A Blackstart scenario', ...schema }, null, 2)}\n`
}

function describe(node: Node, path: string): void {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const where = path === '' ? key : `${path}.${key}`
    const description = descriptions[where]
    if (description !== undefined) attach(node.properties, key, description)
    describe(child, where)
  }
  if (node.items && !Array.isArray(node.items)) describe(node.items, `${path}[]`)
  for (const fault of path === 'faults[]' ? (node.oneOf ?? []) : []) {
    describe(fault, path)
    describeBranch(fault, 'kind', kindDescriptions, 'with ')
  }
}

/** One of the alternatives that a discriminator chooses between: what it is, and what its own keys mean. */
function describeBranch(
  branch: Node,
  by: 'kind' | 'scope',
  meaning: Record<string, string>,
  group: 'with ' | 'target ',
): void {
  const name = branch.properties?.[by]?.const ?? ''
  const description = meaning[name]
  if (description !== undefined) {
    branch.description = description
    attach(branch.properties, by, description)
  }
  describe(group === 'with ' ? (branch.properties?.['with'] ?? {}) : branch, `${group}${name}`)
}

function attach(properties: Record<string, Node> | undefined, key: string, description: string): void {
  const node = properties?.[key]
  if (!properties || !node) return
  // Draft 7 ignores what stands beside a reference.
  properties[key] = node.$ref === undefined ? { description, ...node } : { description, allOf: [{ $ref: node.$ref }] }
}

if (import.meta.main)
  writeFileSync(fileURLToPath(new URL('../docs/scenario.schema.json', import.meta.url)), scenarioJsonSchema())
