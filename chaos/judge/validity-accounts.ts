/** Do the answers speak of the accounts that their requests asked for? Whose session a read is of, is the load's schedule. */
import type { RecordedJournal } from '../journal/recorded.ts'
import { accountOf, otherAccountOf, writeReadBy } from '../journal/schedule.ts'
import type { Defect } from './validity-load.ts'

/**
 * Each request of the project's own load has a session, and no read shows a version that nobody can have made: each
 * transfer raises it by one. A replay may answer a version that others had made since, and never a higher one.
 */
function forgedDefect(journal: RecordedJournal): Defect {
  const { opened, requests } = journal
  // Where the load was told to stop, writes that were under way have no record.
  const isWhole = journal.of('load.ended').every(({ stoppedMs }) => stoppedMs === undefined)
  if (opened.clients !== undefined) return undefined
  const { told } = requests
  const highest = new Map<number, number>()
  let unanswered = 0
  for (let i = 0; i < requests.length; i++) {
    if (told.accounts(i) > 0 && told.session(i) === undefined)
      return `request ${requests.n(i)} says versions and no session, as each of this load does`
    if (!requests.isWrite(i)) continue
    if (!requests.isAcked(i) || told.accounts(i) === 0) unanswered++
    for (let which = 0; which < told.accounts(i); which++) {
      const account = told.account(i, which)
      highest.set(account, Math.max(highest.get(account) ?? 0, told.version(i, which)))
    }
  }
  for (let i = 0; isWhole && i < requests.length; i++) {
    if (requests.isWrite(i) || told.accounts(i) === 0) continue
    const most = highest.get(told.account(i, 0))
    if (most !== undefined && told.version(i, 0) > most + unanswered)
      return `request ${requests.n(i)} shows version ${told.version(i, 0)} of account ${told.account(i, 0)}, and all writes together made ${most + unanswered} at the most`
  }
  return undefined
}

export function accountsDefect(journal: RecordedJournal): Defect {
  return scheduleDefect(journal) ?? forgedDefect(journal)
}

/** In 63,000 requests of 37 real trials that know sessions, all did. */
function scheduleDefect({ opened, requests }: RecordedJournal): Defect {
  const { told } = requests
  const { ratePerSecond } = opened.scenario.load
  const writes = new Uint8Array(requests.length)
  for (let i = 0; i < requests.length; i++) if (requests.isWrite(i)) writes[requests.n(i)] = 1
  const isWrite = (n: number): boolean => writes[n] === 1
  let [known, unknown] = [0, 0]
  for (let i = 0; i < requests.length; i++) {
    const session = told.session(i)
    if (session === undefined) unknown++
    else known++
    if (known > 0 && unknown > 0)
      return `some of its requests say their session, and others, such as ${requests.n(i)}, do not`
    if (session === undefined) continue
    const n = requests.n(i)
    const isOwn = requests.isWrite(i)
    if (session !== (isOwn ? n : writeReadBy(n, { ratePerSecond, isWrite })))
      return `request ${n} is of the session ${session}, which it cannot be`
    const named = told.accounts(i)
    if (named === 0) continue
    const wanted = isOwn ? [accountOf(n), otherAccountOf(n)] : [accountOf(session)]
    const answered = Array.from({ length: named }, (_, which) => told.account(i, which))
    if (answered.length !== wanted.length || wanted.some((account) => !answered.includes(account)))
      return `request ${n} asked for ${wanted.join(' and ')}, and its answer is of ${answered.join(' and ')}`
  }
  return undefined
}
