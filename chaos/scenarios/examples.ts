/** Examples of each kind, as faults of a scenario for the reference world. Tests try each kind with them. */
import { type FaultKind, faultNamed } from './kinds.ts'
import { type FaultSpec, faultSpecSchema } from './schema.ts'

/** One for each example of the kind, the typical one first. */
export function examplesOf(kind: FaultKind, { forMs }: { forMs: number }): FaultSpec[] {
  return faultNamed(kind).examples.map((example) => faultSpecSchema.parse({ kind, forMs, ...example }))
}
