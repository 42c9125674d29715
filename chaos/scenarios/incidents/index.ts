/** Public outages that are re-enacted, by date. */
import { UsageError, withNearest } from '../../errors.ts'
import type { Scenario } from '../schema.ts'
import { aws2025 } from './aws-2025.ts'
import { aws2026 } from './aws-2026.ts'
import { cloudflare2020 } from './cloudflare-2020.ts'
import { github2018 } from './github-2018.ts'
import { gitlab2017 } from './gitlab-2017.ts'
import { google2025 } from './google-2025.ts'
import { heroku2025 } from './heroku-2025.ts'
import type { Incident } from './incident.ts'
import { meta2021 } from './meta-2021.ts'
import { roblox2021 } from './roblox-2021.ts'
import { slack2021 } from './slack-2021.ts'

export type { Incident } from './incident.ts'

export const incidents: readonly Incident[] = [
  gitlab2017,
  github2018,
  cloudflare2020,
  slack2021,
  meta2021,
  roblox2021,
  heroku2025,
  google2025,
  aws2025,
  aws2026,
]

/** What it re-enacts, of a scenario that does. */
export function incidentOf(scenario: Scenario): Incident | undefined {
  return incidents.find((each) => each.scenario === scenario)
}

/** @throws UsageError with the nearest name */
export function incidentNamed(name: string): Incident {
  const found = incidents.find(({ scenario }) => scenario.name === name)
  if (found) return found
  const names = incidents.map(({ scenario }) => scenario.name)
  throw new UsageError(withNearest(`there is no incident "${name}"`, name, names))
}
