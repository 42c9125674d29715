/** What can be done to a target: every kind of fault, with what it models and does not, and why it cannot be done here. */
import { z } from 'zod'
import { messageOf } from '../errors.ts'
import { faultKinds, faultNamed, optionsOf } from '../scenarios/kinds.ts'
import { namesOf } from '../scenarios/names.ts'
import { parseTarget } from '../scenarios/spoken.ts'
import { resolveTarget } from '../topology/resolve.ts'
import type { Topology } from '../topology/topology.ts'

export interface OptionChoice {
  name: string
  help: string
  isNeeded: boolean
  /** Where only some values are possible. */
  values: string[] | null
  /** A first value to change. */
  example: string
}

export interface KindChoice {
  kind: string
  summary: string
  models: string
  doesNotModel: string[]
  options: OptionChoice[]
  /** Why it cannot be done to this target; null where nothing speaks against it. */
  cannot: string | null
}

/** @throws UsageError for a target that the world does not have */
export function choicesFor(target: string, topology: Topology): KindChoice[] {
  const meant = resolveTarget(parseTarget(target, namesOf(topology)), topology, { primary: undefined })
  return faultKinds
    .filter((kind) => kind !== 'none')
    .map((kind) => {
      const fault = faultNamed(kind)
      const [example] = fault.examples
      const told = (example?.with ?? {}) as Record<string, unknown>
      const spec = { kind, target: meant.target, with: told }
      const order = { spec, options: told, target: meant, roles: { primary: undefined } }
      return {
        kind,
        summary: fault.summary,
        models: fault.models,
        doesNotModel: fault.doesNotModel,
        options: Object.entries(optionsOf(kind) ?? {}).map(([name, type]) => optionChoice(name, type, told[name])),
        cannot: whyNot(() => fault.unavailable(order, topology)),
      }
    })
}

/** A kind may look at more than is known here, such as who is primary now: then only trying can tell. */
function whyNot(ask: () => string | undefined): string | null {
  try {
    return ask() ?? null
  } catch (error) {
    return messageOf(error)
  }
}

function optionChoice(name: string, type: z.ZodType, example: unknown): OptionChoice {
  const isOptional = type instanceof z.ZodOptional || type instanceof z.ZodDefault
  const inner = isOptional ? (type.unwrap() as z.ZodType) : type
  return {
    name,
    help: type.description ?? inner.description ?? '',
    isNeeded: !isOptional,
    values: inner instanceof z.ZodEnum ? inner.options.map(String) : null,
    example: example === undefined ? '' : Array.isArray(example) ? example.join(',') : String(example),
  }
}
