/** What was promised of the data: nothing lost, and all of it consistent. */
import type { Objectives } from '../scenarios/schema.ts'
import { counted, moment } from './figures.ts'
import { type Finding, type Measured, unmeasured } from './finding.ts'
import type { Losses } from './losses.ts'
import type { Primaries } from './primaries.ts'
import type { LostWrite } from './tally.ts'
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
