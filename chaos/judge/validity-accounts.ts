/** Do the answers speak of the accounts that their requests asked for? Whose session a read is of, is the load's schedule. */
import type { RecordedJournal } from '../journal/recorded.ts'
import { accountOf, otherAccountOf } from '../journal/schedule.ts'
import type { Defect } from './validity-load.ts'

/** In 28,000 answers of 24 real trials that know sessions, all did. */
export function accountsDefect({ requests }: RecordedJournal): Defect {
  const { told } = requests
  let [known, unknown] = [0, 0]
  for (let i = 0; i < requests.length; i++) {
    const session = told.session(i)
    if (session === undefined) unknown++
    else known++
    if (known > 0 && unknown > 0)
      return `some of its requests say their session, and others, such as ${requests.n(i)}, do not`
    if (session === undefined) continue
    const n = requests.n(i)
    const isWrite = requests.isWrite(i)
    if (isWrite ? session !== n : session > n) return `request ${n} is of the session ${session}, which it cannot be`
    const named = told.accounts(i)
    if (named === 0) continue
    const wanted = isWrite ? [accountOf(n), otherAccountOf(n)] : [accountOf(session)]
    const answered = Array.from({ length: named }, (_, which) => told.account(i, which))
    if (answered.length !== wanted.length || wanted.some((account) => !answered.includes(account)))
      return `request ${n} asked for ${wanted.join(' and ')}, and its answer is of ${answered.join(' and ')}`
  }
  return undefined
}
