/** Do the moments of the probes' commits fit those at which they were recorded? A spell is as long as they say. */
import type { RecordedJournal } from '../journal/recorded.ts'
import { duration, moment } from './figures.ts'
import { isOfWrites, nodeOf } from './observers.ts'
import type { Defect } from './validity-load.ts'

/** A commit that begins a spell is recorded when it is answered: 5 ms later at the most in 55 real trials. */
const recordedWithinMs = 100
/** The last commit of a spell is as old as the last sample. In real trials they were the same to a hundredth. */
const sampleErrorMs = 50
/** An observer that had no sample for longer than this recorded a gap (chaos/observers/sampler.ts). */
const recordedGapMs = 400

/** So many ends of spells after long silences are looked at; a trial has a few. */
const mostLong = 100

export function commitsDefect(journal: RecordedJournal): Defect {
  const accepted = new Set<string>()
  /** Node → the timeline on which it accepts writes. */
  const open = new Map<string, number | null>()
  const timelines = [...journal.of('database.writable'), ...journal.of('database.role')].some(
    ({ timeline }) => timeline !== null,
  )
  let long = 0
  const longest = new Map(
    journal
      .of('observer.summary')
      .filter(isOfWrites)
      .map((summary) => [nodeOf(summary), summary.maxMs]),
  )
  for (const { node, accepting, timeline, atMs, commitMs, uncertaintyMs } of journal.of('database.writable')) {
    const name = `that ${node} ${accepting ? 'began' : 'ceased'} to accept writes`
    // Its last commit would be that of a spell of which nobody knows the beginning.
    if (!accepting && !open.has(node) && commitMs !== null)
      return `${name}, at ${moment(atMs)}, is recorded where it had not been seen to accept any`
    const since = open.get(node)
    if (accepting && since !== undefined && since !== timeline)
      return `${name}, at ${moment(atMs)}, is recorded on timeline ${timeline}, and it had never ceased to on ${since}`
    if (accepting) {
      accepted.add(node)
      open.set(node, timeline)
    } else open.delete(node)
    if (accepting && timeline === null && timelines)
      return `${name}, at ${moment(atMs)}, is recorded without its timeline, which the databases know`
    if (commitMs === null) {
      if (accepting || accepted.has(node)) return `${name}, at ${moment(atMs)}, is recorded without a commit`
      continue
    }
    const sinceMs = atMs - commitMs
    if (accepting && (sinceMs < -1 || sinceMs > recordedWithinMs))
      return `${name} is recorded at ${moment(atMs)}, and its commit at ${moment(commitMs)}`
    if (accepting) continue
    if (Math.abs(sinceMs - uncertaintyMs) > sampleErrorMs)
      return `${name} is recorded at ${moment(atMs)}, ${duration(sinceMs)} after its last commit and ${duration(uncertaintyMs)} after the last sample`
    const longestMs = longest.get(node)
    if (longestMs !== undefined && uncertaintyMs > longestMs + sampleErrorMs)
      return `${name} is recorded ${duration(uncertaintyMs)} after the last sample, and no two samples of it were so far apart`
    if (uncertaintyMs <= recordedGapMs || ++long > mostLong) continue
    const uncoveredMs = uncertaintyMs - silentMs(journal, node, commitMs, atMs)
    if (uncoveredMs > recordedGapMs)
      return `${name} is recorded at ${moment(atMs)}, ${duration(sinceMs)} after its last commit, and no silence explains ${duration(uncoveredMs)} of that`
  }
  return undefined
}

/** How long, of this time, the observer of the node's commits is on record as having had no sample. */
function silentMs(journal: RecordedJournal, node: string, fromMs: number, toMs: number): number {
  return journal
    .of('observer.gap')
    .filter((gap) => isOfWrites(gap) && nodeOf(gap) === node)
    .reduce((sum, gap) => sum + Math.max(0, Math.min(toMs, gap.toMs) - Math.max(fromMs, gap.fromMs)), 0)
}
