/** The text of docs/scenario.schema.json, with which editors complete and check scenario files. */
import { z } from 'zod'
import { descriptions, scopeDescriptions } from '../chaos/scenarios/descriptions.ts'
import { faultKinds, faultNamed, optionsOf } from '../chaos/scenarios/kinds.ts'
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
  for (const target of schema.definitions?.['target']?.oneOf ?? []) describeTarget(target)
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
    describeFault(fault)
  }
}

/** A fault of one kind: what it is, and what each of its options means. */
function describeFault(branch: Node): void {
  const kind = faultKinds.find((each) => each === branch.properties?.['kind']?.const)
  if (kind === undefined) return
  explain(branch, 'kind', faultNamed(kind).summary)
  const told = branch.properties?.['with']?.properties
  for (const [option, { description }] of Object.entries(optionsOf(kind) ?? {}))
    if (description !== undefined) attach(told, option, description)
}

/** A target of one scope: what it is, and what its own keys mean. */
function describeTarget(branch: Node): void {
  const scope = branch.properties?.['scope']?.const ?? ''
  const description = (scopeDescriptions as Record<string, string>)[scope]
  if (description !== undefined) explain(branch, 'scope', description)
  describe(branch, `target ${scope}`)
}

/** Describes one of several alternatives, at itself and at the key that chooses it. */
function explain(branch: Node, by: string, description: string): void {
  branch.description = description
  attach(branch.properties, by, description)
}

function attach(properties: Record<string, Node> | undefined, key: string, description: string): void {
  const node = properties?.[key]
  if (!properties || !node) return
  // Draft 7 ignores what stands beside a reference.
  properties[key] = node.$ref === undefined ? { description, ...node } : { description, allOf: [{ $ref: node.$ref }] }
}
