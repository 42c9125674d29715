/** The scenario's schema as plain data, to look up which keys are allowed where. */
import { z } from 'zod'
import { scenarioSchema } from './schema.ts'

/** A way into a scenario: `['faults', 0, 'target', 'name']`. */
export type Path = readonly (string | number)[]

/** The part of JSON Schema that zod writes for scenarios. */
interface Shape {
  properties?: Record<string, Shape>
  required?: string[]
  items?: Shape
  prefixItems?: Shape[]
  oneOf?: Shape[]
  const?: unknown
}

let whole: Shape | undefined

/**
 * What the schema says about the value at a path; of alternatives, the one that the data chose by its discriminator.
 */
function shapeAt(path: Path, data: unknown): Shape | undefined {
  whole ??= z.toJSONSchema(scenarioSchema, { io: 'input' }) as Shape
  let shape = chosen(whole, data)
  for (const [index, step] of path.entries()) {
    const inside = typeof step === 'number' ? (shape?.prefixItems?.[step] ?? shape?.items) : shape?.properties?.[step]
    shape = inside && chosen(inside, valueAt(data, path.slice(0, index + 1)))
  }
  return shape
}

function chosen(shape: Shape, data: unknown): Shape | undefined {
  if (!shape.oneOf) return shape
  return shape.oneOf.find(({ properties = {} }) =>
    Object.entries(properties).every(
      ([key, { const: value }]) => value === undefined || valueAt(data, [key]) === value,
    ),
  )
}

/** The keys that the map at a path may have; empty where nothing is known, as in a fault without a kind. */
export function keysAt(path: Path, data: unknown): string[] {
  return Object.keys(shapeAt(path, data)?.properties ?? {})
}

/** The keys that the map at a path must have. */
export function requiredKeysAt(path: Path, data: unknown): string[] {
  return shapeAt(path, data)?.required ?? []
}

/** What data of any shape holds at a path; undefined when it does not lead anywhere. */
export function valueAt(data: unknown, path: Path): unknown {
  let value = data
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = (value as Record<string | number, unknown>)[step]
  }
  return value
}

/** `['faults', 0, 'with', 'from', 1]` → "faults[0].with.from[1]". */
export function pathWords(path: Path): string {
  return path
    .map((step, index) => (typeof step === 'number' ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`))
    .join('')
}
