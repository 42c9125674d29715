/** What a journal's verdict says otherwise than the one that was given before, by an older judge. */
import type { Verdict } from './verdict.ts'

export interface Change {
  /** A field of the verdict, "check <name>" or "objective <name>". */
  what: string
  before: unknown
  after: unknown
}

/** Figures, in the order of a verdict. What an older verdict did not measure yet is no change. */
const figures = [
  'verdict',
  'outcome',
  'recoveredInMs',
  'censoredAtMs',
  'timeToFirstSuccessMs',
  'failingMs',
  'slowestRequestMs',
  'writes',
  'failedWrites',
  'writeP99Ms',
  'writeGapMs',
  'readGapMs',
  'stalledMs',
  'requests',
  'failedRequests',
  'droppedArrivals',
  'ackedWrites',
  'rejectedWrites',
  'unknownWrites',
  'lostWrites',
  'unknownStoredWrites',
  'resurrectedWrites',
  'duplicatedWrites',
  'divergentWrites',
  'invariantsHold',
  'staleReads',
  'readsBack',
  'dualWritableMs',
  'primaryKept',
] as const satisfies readonly (keyof Verdict)[]

/** `before`: the verdict as it was kept, in whatever version. */
export function changesOf(before: Record<string, unknown>, after: Verdict): Change[] {
  const ofFigures = figures
    .filter((field) => field in before && before[field] !== after[field])
    .map((field): Change => ({ what: field, before: before[field], after: after[field] }))
  const phasesBefore = recordOf(before['phasesMs'])
  const ofPhases = Object.entries(after.phasesMs)
    .filter(([name, lengthMs]) => name in phasesBefore && phasesBefore[name] !== lengthMs)
    .map(([name, lengthMs]): Change => ({ what: `phase ${name}`, before: phasesBefore[name], after: lengthMs }))
  return [
    ...ofFigures,
    ...ofPhases,
    ...changedIn('check', before['validity'], after.validity, 'holds'),
    ...changedIn('objective', before['objectives'], after.objectives, 'verdict'),
  ]
}

/** Of things with a name: a check that an older judge did not make is a change only if it is broken. */
function changedIn<Field extends string>(
  kind: string,
  before: unknown,
  after: readonly ({ name: string } & Record<Field, unknown>)[],
  field: Field,
): Change[] {
  const known = new Map(
    (Array.isArray(before) ? before : []).map(recordOf).map((entry) => [entry['name'], entry[field]] as const),
  )
  return after
    .filter((entry) => (known.has(entry.name) ? known.get(entry.name) !== entry[field] : entry[field] === false))
    .map((entry) => ({ what: `${kind} ${entry.name}`, before: known.get(entry.name), after: entry[field] }))
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}
