/** The fault kinds as scenarios see them. All of it comes from chaos/faults. */
import { z } from 'zod'
import { catalogue } from '../faults/catalogue.ts'
import type { Fault } from '../faults/fault.ts'

type Catalogue = typeof catalogue
export type FaultKind = keyof Catalogue
export const faultKinds = Object.keys(catalogue) as [FaultKind, ...FaultKind[]]
export const faultKindSchema = z.enum(faultKinds)

/** What stands under `with` of a fault of that kind. */
export type ToldTo<K extends FaultKind> = z.infer<Catalogue[K]['options']>
/** Kinds that need no options. */
export type IsPlain<K extends FaultKind> = string extends keyof ToldTo<K> ? true : false
/** What `fault()` takes for a kind beside the times: nothing for most. */
export type OptionsOf<K extends FaultKind> = IsPlain<K> extends true ? Record<never, never> : ToldTo<K>

/** A kind by its name, whichever it is. */
export function faultNamed(kind: FaultKind): Fault {
  // The name of the one is the name of the other; TypeScript does not follow that through a union.
  return catalogue[kind] as unknown as Fault
}

/** The options of a kind: name → schema. Undefined for an unknown kind. */
export function optionsOf(kind: unknown): Record<string, z.ZodType> | undefined {
  return typeof kind === 'string' && Object.hasOwn(catalogue, kind)
    ? (faultNamed(kind as FaultKind).options.shape as Record<string, z.ZodType>)
    : undefined
}

/** What an option names in a world, by its mark: a site, a node, or nothing. */
export function namedBy(option: z.ZodType): 'site' | 'node' | undefined {
  const named = (option instanceof z.ZodArray ? (option.element as z.ZodType) : option).meta()?.['names']
  return named === 'site' || named === 'node' ? named : undefined
}
