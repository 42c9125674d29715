/** What was promised of the primary: that there is one, that it stays the same, and that it does not change too often. */
import type { Objectives } from '../scenarios/schema.ts'
import { counted, duration, moment, times } from './figures.ts'
import { type Finding, type Measured, unmeasured } from './finding.ts'
import type { KeyLapse } from './tenure.ts'
import { some } from './words.ts'

export function onePrimary({ onePrimary: asked }: Objectives, { primaries }: Measured): Finding | null {
  if (asked !== true || primaries.multiPrimary) return null
  const finding = { name: 'one-primary', promise: 'never two databases accept writes at once', limit: true } as const
  const [first] = primaries.overlaps
  if (first !== undefined) {
    const length = duration(Math.ceil(primaries.dualWritableMs ?? 0))
    const evidence = `${first.nodes.join(' and ')} both committed writes from ${moment(first.fromMs)} to ${moment(first.toMs)}; ${length} of split brain in all`
    return { ...finding, actual: false, verdict: 'missed', stands: true, evidence }
  }
  const { diverged } = primaries
  if (diverged !== undefined) {
    const { node, timeline, atMs, other, otherTimeline } = diverged
    const evidence = `${node} committed on timeline ${timeline} from ${moment(atMs)} on, after ${other} had on timeline ${otherTimeline}: it did not follow it`
    return { ...finding, actual: false, verdict: 'missed', stands: true, evidence }
  }
  const { resolutionMs, unaskable } = primaries.watch
  if (unaskable !== undefined) return { ...finding, actual: null, verdict: 'inconclusive', evidence: unaskable }
  if (primaries.dualWritableMs === null) return unmeasured({ ...finding, actual: null })
  const resolution =
    resolutionMs === null ? '' : `; a shorter overlap than ${duration(resolutionMs)} may not have been seen`
  return {
    ...finding,
    actual: true,
    verdict: 'met',
    evidence: `every database was asked throughout, and at most one committed${resolution}`,
  }
}

export function samePrimary({ samePrimary: asked }: Objectives, { tenure, primaries }: Measured): Finding | null {
  if (asked !== true || primaries.multiPrimary) return null
  const finding = {
    name: 'same-primary',
    promise: 'no other database takes over',
    limit: true,
    actual: tenure?.kept ?? null,
  } as const
  if (tenure === null) return unmeasured(finding)
  const { unaskable } = primaries.watch
  if (tenure.kept === null && unaskable !== undefined)
    return { ...finding, verdict: 'inconclusive', evidence: unaskable }
  const { primary, takeOvers, keyLapses, watched, kept, unseen } = tenure
  if (primary === null)
    return {
      ...finding,
      verdict: 'inconclusive',
      evidence: 'no primary was observed when the fault was requested',
    }
  if (kept === null)
    return { ...finding, verdict: 'inconclusive', evidence: 'neither the leader key nor every database was observed' }
  if (!kept) {
    const signs = takeOvers.map(({ node, atMs, how, observer }) => `${node} ${how} at ${moment(atMs)} (${observer})`)
    return {
      ...finding,
      verdict: 'missed',
      evidence: `${primary} was primary when the fault was requested; ${some(signs, 4)}`,
    }
  }
  if (unseen > 0)
    return {
      ...finding,
      verdict: 'inconclusive',
      evidence: `no other database was seen to take over from ${primary}, but the timelines tell of ${counted(unseen, 'promotion')} that nobody saw`,
    }
  const who = [watched.leaderKey ? 'the leader key' : '', watched.databases ? 'every database' : '']
    .filter((name) => name !== '')
    .join(' and ')
  return {
    ...finding,
    verdict: 'met',
    evidence: [
      `no other database took over from ${primary}; observed: ${who}`,
      ...keyLapses.slice(0, 3).map(lapseWords),
    ].join('; '),
  }
}

/** Counts back and forth as two: a cluster that cannot decide is what this promise is against. */
export function takeOvers({ takeOvers: limit }: Objectives, { tenure, primaries }: Measured): Finding | null {
  if (limit === undefined || primaries.multiPrimary) return null
  const finding = { name: 'take-overs', promise: takeOversPromise(limit), limit, actual: null } as const
  if (tenure === null) return unmeasured(finding)
  const { primary, successors, unseen, throughout } = tenure
  if (primary === null)
    return { ...finding, verdict: 'inconclusive', evidence: 'no primary was observed when the fault was requested' }
  const { unaskable } = primaries.watch
  // More than allowed is too many, whoever did not watch.
  if (!throughout && successors.length <= limit)
    return {
      ...finding,
      verdict: 'inconclusive',
      evidence: unaskable ?? 'neither the leader key nor every database was observed',
    }
  if (unseen > 0 && successors.length <= limit && successors.length + unseen > limit)
    return {
      ...finding,
      verdict: 'inconclusive',
      evidence: `${times(successors.length)} as far as anybody saw, but the timelines tell of ${unseen} more: nobody saw who was promoted`,
    }
  const order = [primary, ...successors.slice(0, 5).map(({ node, atMs }) => `${node} at ${moment(atMs)}`)].join(
    ', then ',
  )
  const more = successors.length > 5 ? `, … ${successors.length - 5} more` : ''
  return {
    ...finding,
    actual: successors.length,
    verdict: successors.length <= limit ? 'met' : 'missed',
    evidence:
      successors.length === 0
        ? `no other database took over from ${primary}`
        : `${times(successors.length)}: ${order}${more}`,
  }
}

export function takeOversPromise(limit: number): string {
  return limit === 0 ? 'no database takes over' : `a database takes over at most ${times(limit)}`
}

function lapseWords({ fromMs, toMs }: KeyLapse): string {
  const after = toMs === null ? 'no node took the key' : `it took the key again at ${moment(toMs)}`
  return `it lost the leader key at ${moment(fromMs)}, and ${after}`
}
