/** A public outage, re-enacted on the reference world: once as it is built, and once with the setting that let it happen. */
import type { Objectives, Scenario } from '../schema.ts'

export interface Incident {
  /** What happens, at scaled offsets; as built, its objectives are met. */
  scenario: Scenario
  /** Whose outage, and its date: `GitHub, 2018-10-21`. */
  happened: string
  /** What it cost then, as published. */
  damage: string
  /** What happened then, as published, in order. `at`: a time of day in UTC, or from the first event. */
  timeline: readonly { at: string; what: string }[]
  /** Titles of the reports that this is taken from. */
  sources: readonly string[]
  /** The setting of the world by which the damage comes out. */
  worse: {
    /** A Compose file on top of docker-compose.yml, relative to the package's root. */
    file: string
    /** What it changes, in words. */
    what: string
    /** The objectives of the scenario that are missed then. */
    breaks: readonly (keyof Objectives)[]
  }
}
