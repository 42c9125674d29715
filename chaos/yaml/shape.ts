/** A schema as plain data, to look up which keys are allowed where. */
import { z } from 'zod'

/** A way into a file: `['faults', 0, 'target', 'name']`. */
export type Path = readonly (string | number)[]

export interface SchemaShape {
  /** The keys that the map at a path may have; empty where nothing is known, as in a fault without a kind. */
  keysAt(path: Path, data: unknown): string[]
  /** The keys that the map at a path must have. */
  requiredKeysAt(path: Path, data: unknown): string[]
}

/** The part of JSON Schema that zod writes for such files. */
interface Shape {
  properties?: Record<string, Shape>
  additionalProperties?: Shape | boolean
  required?: string[]
  items?: Shape
  prefixItems?: Shape[]
  oneOf?: Shape[]
  anyOf?: Shape[]
  const?: unknown
}

export function schemaShape(schema: z.ZodType): SchemaShape {
  let whole: Shape | undefined
  const shapeAt = (path: Path, data: unknown): Shape | undefined => {
    whole ??= z.toJSONSchema(schema, { io: 'input' }) as Shape
    let shape = chosen(whole, data)
    for (const [index, step] of path.entries()) {
      const inside = insideOf(shape, step)
      shape = inside && chosen(inside, valueAt(data, path.slice(0, index + 1)))
    }
    return shape
  }
  return {
    keysAt: (path, data) => {
      const shape = shapeAt(path, data)
      return [shape, ...(shape?.anyOf ?? [])].flatMap((each) => Object.keys(each?.properties ?? {}))
    },
    requiredKeysAt: (path, data) => shapeAt(path, data)?.required ?? [],
  }
}

function insideOf(shape: Shape | undefined, step: string | number): Shape | undefined {
  if (typeof step === 'number') return shape?.prefixItems?.[step] ?? shape?.items
  const others = shape?.additionalProperties
  return shape?.properties?.[step] ?? (typeof others === 'object' ? others : undefined)
}

/** Of alternatives, the one that the data chose: by its discriminator, or by a key that only this one has. */
function chosen(shape: Shape, data: unknown): Shape | undefined {
  if (shape.anyOf)
    return (
      shape.anyOf.find(({ properties = {} }) =>
        Object.keys(properties).some((key) => valueAt(data, [key]) !== undefined),
      ) ?? shape
    )
  if (!shape.oneOf) return shape
  return shape.oneOf.find(({ properties = {} }) =>
    Object.entries(properties).every(
      ([key, { const: value }]) => value === undefined || valueAt(data, [key]) === value,
    ),
  )
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
