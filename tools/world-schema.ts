/** The text of docs/world.schema.json, with which editors complete and check `blackstart.yaml`. */
import { z } from 'zod'
import { descriptions } from '../chaos/worldfile/descriptions.ts'
import { worldFileSchema } from '../chaos/worldfile/schema.ts'

/** The part of JSON Schema that zod writes for world files. */
interface Node {
  description?: string
  properties?: Record<string, Node>
  additionalProperties?: Node | boolean
  items?: Node | Node[]
  anyOf?: Node[]
  [keyword: string]: unknown
}

/** Draft 7, since that is what the editors' YAML servers know best. */
export function worldJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(worldFileSchema, { io: 'input', target: 'draft-7' }) as Node
  describe(schema, '')
  return `${JSON.stringify({ $schema, title: 'blackstart.yaml: a system of one’s own as a world', ...schema }, null, 2)}\n`
}

function describe(node: Node, path: string): void {
  for (const [key, child] of Object.entries(node.properties ?? {})) {
    const where = path === '' ? key : `${path}.${key}`
    const description = descriptions[where]
    if (description !== undefined && node.properties) node.properties[key] = { description, ...child }
    describe(child, where)
  }
  for (const branch of node.anyOf ?? []) describe(branch, path)
  if (typeof node.additionalProperties === 'object') describe(node.additionalProperties, `${path}{}`)
  if (node.items && !Array.isArray(node.items)) describe(node.items, `${path}[]`)
}
