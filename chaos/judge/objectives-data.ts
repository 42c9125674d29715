/** What was promised of the data: nothing lost, all of it consistent, one primary, and the same one throughout. */
import type { Objectives } from '../scenarios/schema.ts'
import { counted, duration, moment } from './figures.ts'
import { type Finding, type Measured, unmeasured } from './finding.ts'
import type { Losses } from './losses.ts'
import type { Primaries } from './primaries.ts'
import type { LostWrite } from './tally.ts'
import type { KeyLapse } from './tenure.ts'
import { some } from './words.ts'

export function lostWrites({ lostWrites: limit }: Objectives, { requestedMs, losses }: Measured): Finding | null {
  if (limit === undefined) return null
  const promise =
    limit === 0
      ? 'no acknowledged write is lost'
      : `at most ${counted(limit, 'acknowledged write')} ${limit === 1 ? 'is' : 'are'} lost`
  const finding = { name: 'lost-writes', promise, limit, actual: losses.lostWrites } as const
  if (losses.surelyLost > limit) {
    const least = losses.lostWrites === null ? 'at least ' : ''
    return {
      ...finding,
      actual: losses.surelyLost,
      verdict: 'missed',
      stands: true,
      evidence: least + describeLoss(losses, requestedMs),
    }
  }
  if (losses.lostWrites === null)
    return losses.openQuestion === undefined
      ? unmeasured(finding)
      : { ...finding, verdict: 'inconclusive', evidence: losses.openQuestion }
  if (losses.ackedWrites === 0)
    return { ...finding, verdict: 'inconclusive', evidence: 'no write was acknowledged, so none could be lost' }
  const found =
    losses.lostWrites > 0
      ? describeLoss(losses, requestedMs)
      : `all ${counted(losses.ackedWrites, 'acknowledged write')} are ${whereStored(losses)}`
  return { ...finding, verdict: 'met', evidence: found + notLookedFor(losses) }
}

function whereStored({ readThrough }: Losses): string {
  return readThrough === undefined ? 'on every database' : `shown by ${some(readThrough)}`
}

/** What a store such as Redis loses, no audit finds. */
function notLookedFor({ unauditedStores: stores }: Losses): string {
  return stores.length === 0 ? '' : `; what ${stores.join(' and ')} lost was not looked for`
}

function describeLoss(losses: Losses, requestedMs: number | null): string {
  const lost = losses.surelyLost
  const first = losses.samples[0]
  const nodes = [...new Set(losses.samples.flatMap((write) => write.absentFrom))].toSorted()
  const numbers = some(
    losses.samples.map((write) => write.n),
    3,
  )
  const more = lost > losses.samples.length ? ` of ${lost}` : ''
  return (
    `${counted(lost, 'write')} acked${origin(losses.samples, requestedMs)} ${lost === 1 ? 'is' : 'are'} absent from ${some(nodes)} ` +
    `(n ${numbers}${more}; acked at ${moment(first?.ackedAtMs ?? 0)})`
  )
}

/** " by east before the fault", as far as all samples agree. */
function origin(samples: readonly LostWrite[], requestedMs: number | null): string {
  const regions = new Set(samples.map((write) => write.region))
  const [region] = regions
  const by = regions.size === 1 && region !== undefined ? ` by ${region}` : ''
  if (requestedMs === null) return by
  if (samples.every((write) => write.ackedAtMs <= requestedMs)) return `${by} before the fault`
  return samples.every((write) => write.ackedAtMs > requestedMs) ? `${by} after the fault` : by
}

export function invariants({ lostWrites: asked }: Objectives, { losses, primaries }: Measured): Finding | null {
  if (asked === undefined && losses.consistent !== false) return null
  const finding = {
    name: 'invariants-hold',
    promise: 'the stored data is consistent',
    limit: true,
    actual: losses.consistent,
  } as const
  if (losses.consistent === false)
    return { ...finding, verdict: 'missed', stands: true, evidence: losses.defects.join('; ') }
  if (losses.openQuestion !== undefined) return { ...finding, verdict: 'inconclusive', evidence: losses.openQuestion }
  if (losses.consistent === null) return unmeasured(finding)
  return { ...finding, verdict: 'met', evidence: consistencyWords(losses) + doNotApply(primaries) }
}

/** What takes the place of one primary where there is none: that all members agree. */
function doNotApply({ multiPrimary }: Primaries): string {
  return multiPrimary
    ? '; each of them takes writes, so that it was not asked whether one alone did, nor whether another took over'
    : ''
}

function consistencyWords(losses: Losses): string {
  const { invariantsChecked: checked, unknownWrites, unknownStoredWrites, rejectedWrites, readThrough } = losses
  const agree = `${readThrough === undefined ? 'the databases' : 'those who were asked'} agree, hold nothing that was not sent`
  const words =
    checked === 0
      ? `${agree}, and nobody gave an invariant to check`
      : `${agree}, and no invariant is broken (${checked} checked)`
  const unknown =
    unknownWrites === 0 ? '' : `; they hold ${unknownStoredWrites} of ${counted(unknownWrites, 'unknown write')}`
  return (
    words + unknown + (rejectedWrites === 0 ? '' : `; none of ${counted(rejectedWrites, 'rejected write')} is stored`)
  )
}

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
  const { primary, takeOvers, keyLapses, watched, kept } = tenure
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

function lapseWords({ fromMs, toMs }: KeyLapse): string {
  const after = toMs === null ? 'no node took the key' : `it took the key again at ${moment(toMs)}`
  return `it lost the leader key at ${moment(fromMs)}, and ${after}`
}
