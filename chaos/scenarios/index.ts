/** Every scenario that ships, by name. */
import { nearest, UsageError } from '../errors.ts'
import type { Scenario } from './schema.ts'
import { control } from './control.ts'
import { linkCutRegionKill } from './link-cut-region-kill.ts'
import { regionCut } from './region-cut.ts'
import { regionKill } from './region-kill.ts'

export const scenarios: Scenario[] = [regionKill, regionCut, linkCutRegionKill, control]

/** @throws UsageError with the nearest name */
export function scenarioNamed(name: string): Scenario {
  const found = scenarios.find((each) => each.name === name)
  if (found) return found
  const names = scenarios.map((each) => each.name)
  const near = nearest(name, names)
  throw new UsageError(`there is no scenario "${name}"${near ? `; did you mean "${near}"?` : ''} (there is: ${names.join(', ')})`)
}
