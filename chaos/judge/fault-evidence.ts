/** What the proofs of a fault and of its heal say, read and not merely searched: see `evidence` in chaos/run/proof.ts. */
import { silentEdges } from '../journal/effects.ts'
import type { FaultRecord } from './faults.ts'
import type { Defect } from './validity-load.ts'
import { some } from './words.ts'

/** How a proof says of nodes that they are away. */
const away = [
  'refuse connections: ',
  'not running, according to the engine: ',
  'accept connections and do not answer: ',
  'paused, according to the engine: ',
]
/** And of directions that nothing passes. */
const silent = ['silent on existing and fresh connections: ']
/** Where the beacon at the end is dead, silence is seen from the other end. */
const unobserved = ['not observed, for want of a beacon: ']
/** And of what is there. */
const present = ['still answer', 'running, according to the engine: ', 'accept connections: ', 'answered ']

/** The evidence names all that the fault took away, as away, and says of none of it that it is there. */
export function evidenceDefect({ requested, evidence }: FaultRecord): Defect {
  if (isEmpty(evidence)) return 'it is recorded as proved, but without evidence'
  const { nodes, directions } = takenBy(requested)
  const saidAway = namesIn(evidence, away)
  const saidSilent = namesIn(evidence, [...silent, ...unobserved])
  const missing = [
    ...nodes.filter((name) => !saidAway.has(name)),
    ...directions.filter((direction) => !saidSilent.has(direction)),
  ]
  if (missing.length > 0) return `its evidence says nothing of ${some(missing, 3)}`
  const saidPresent = namesIn(evidence, present)
  const contradicted = [...nodes, ...directions, ...silencedBy(requested)].filter((name) => saidPresent.has(name))
  return contradicted.length === 0
    ? undefined
    : `its evidence says that ${some(contradicted, 3)} still answered, and that it was gone`
}

/** By the proof of a heal nothing is away but what another fault took that was active then. */
export function healEvidenceDefect(
  { requested, healEvidence, healRequestedMs, healedMs }: FaultRecord,
  faults: readonly FaultRecord[],
): Defect {
  if (isEmpty(healEvidence)) return 'it is recorded as healed, but without evidence'
  const active = faults.filter(
    (other) =>
      other.requested !== requested &&
      other.requested.atMs < (healedMs ?? Infinity) &&
      (other.healedMs ?? Infinity) > (healRequestedMs ?? -Infinity),
  )
  const elsewhere = new Set(
    active.flatMap(({ requested: other }) => [
      ...Object.values(takenBy(other)).flat(),
      ...(other.effect?.unsettled ?? []),
      ...other.expectGone.edges.map(directionOf),
    ]),
  )
  const saidAway = namesIn(
    healEvidence,
    [...away, ...silent].flatMap((words) => [words, `still ${words}`]),
  )
  const left = [...saidAway].filter((name) => !elsewhere.has(name))
  return left.length === 0 ? undefined : `its evidence says that ${some(left, 3)} was still away`
}

/** Directions on which no ping is answered, also for want of a node at their ends. */
function silencedBy(requested: FaultRecord['requested']): string[] {
  return silentEdges(requested).map(directionOf)
}

/** Nodes and directions, as the request says; not those that come and go. */
function takenBy({ effect, expectGone }: FaultRecord['requested']): { nodes: string[]; directions: string[] } {
  const { gone = expectGone.nodes, mute = [], unsettled = [] } = effect ?? {}
  return {
    nodes: [...gone, ...mute].filter((name) => !unsettled.includes(name)),
    directions: (effect?.silent ?? []).map(directionOf),
  }
}

function directionOf({ from, to }: { from: string; to: string }): string {
  return `${from}>${to}`
}

function namesIn(evidence: readonly string[], beginnings: readonly string[]): ReadonlySet<string> {
  const said = evidence.flatMap((line) => {
    const words = beginnings.find((each) => line.startsWith(each))
    return words === undefined ? [] : line.slice(words.length).split(/[\s,;:()"]+/)
  })
  return new Set(said.filter((name) => name !== ''))
}

function isEmpty(evidence: readonly string[]): boolean {
  return evidence.every((line) => line.trim() === '')
}
