/**
 * What every trial records from version 3 on, and says so in `trial.opened`: a journal that names it and holds nothing of
 * it, or that holds it and is of an older version, contradicts itself.
 */
export const recorded = [
  /** `stage.entered` of each stage, in order. */
  'stages',
  /** `effect`, `lasting` and `planned` of each fault. */
  'effects',
  /** `durationMs` of `load.started`. */
  'load-duration',
  /** `server` and `snapshotMs` of each reading of a PostgreSQL. */
  'servers',
  /** `roundTrips` of faults that make links slow. */
  'round-trips',
  /** `session` of each request, if one has it, and the accounts that the load's schedule gives it. */
  'accounts',
] as const
