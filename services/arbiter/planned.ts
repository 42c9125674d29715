/**
 * A planned change of primary (`POST /switchover`, `patronictl switchover`): whom to give the leader key once the old
 * primary has shut down. Pure.
 *
 * Patroni alone looks once a second whether PostgreSQL has stopped, and its other nodes sleep for two seconds where
 * they see that a switchover was asked for; writes wait for all that. Here too a wrong "yes" costs a needless change of
 * primary and never a write: the new one passes the gate.
 */
import { type Cluster, type No, no, type Standby } from './decide.ts'

export interface PlannedEvidence {
  cluster: Cluster
  /** What the primary's Patroni says about it, reported by its own region, and the age of that, in ms. */
  primary: { state: string; ageMs: number } | undefined
  /** From the time when it still ran: a primary that stops no longer says it. */
  primaryTimeline: number | null
  standbys: Standby[]
}

export type Planned = No | { act: true; because: string; successor: string }

export function decidePlanned(
  { cluster, primary, primaryTimeline, standbys }: PlannedEvidence,
  { freshMs }: { freshMs: number },
): Planned {
  const { leader, sync, wish } = cluster
  if (!leader || !wish) return no('no change of primary was asked for')
  if (wish.leader !== undefined && wish.leader !== leader)
    return no(`${wish.leader} was to hand over, and ${leader} is the primary`)
  if (!cluster.quorumCommit || sync?.leader !== leader) return no('quorum commit is not in force')
  if (cluster.paused) return no('Patroni is paused')
  if (!primary || primary.ageMs > freshMs)
    return no(`${leader} has said nothing for ${Math.round(primary?.ageMs ?? Infinity)} ms`)
  if (primary.state !== 'stopping' && primary.state !== 'stopped') return no(`${leader} is ${primary.state}`)

  const voters = standbys.filter(({ name }) => sync.standbys.includes(name))
  // A primary that shuts down first sends what it has to its standbys, and then disconnects them.
  const fit = voters.filter(
    (standby) =>
      standby.ageMs <= freshMs &&
      standby.role === 'replica' &&
      standby.state === 'running' &&
      standby.timeline === primaryTimeline,
  )
  const streaming = fit.filter((standby) => standby.streaming)
  if (streaming.length > 0) return no(`${streaming.map(({ name }) => name).join(', ')} still stream from ${leader}`)
  if (fit.length < sync.quorum + 1) return no(`${fit.length} of ${voters.length} voters are fit to follow or to lead`)
  const most = Math.max(...fit.map(({ receivedBytes }) => receivedBytes))
  const candidates = fit.filter(
    ({ name, receivedBytes }) => receivedBytes === most && (wish.candidate === undefined || wish.candidate === name),
  )
  const [successor] = candidates
  if (!successor) return no(`${wish.candidate ?? 'nobody'} is not fit to take over, or lacks something`)
  return {
    act: true,
    because: `${leader} was asked to hand over and has shut down; ${fit.map(({ name }) => name).join(', ')} have all it sent`,
    successor: successor.name,
  }
}
