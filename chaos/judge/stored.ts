/** What is wrong with the stored data, in words, apart from acknowledged writes that are lost. */
import type { Audit } from './audits.ts'
import { counted } from './figures.ts'
import type { Tally } from './tally.ts'
import { some } from './words.ts'

/** `ledgerComplete`: the journal has every request, so that a stored write that is none of them came from elsewhere. */
export function dataDefects(found: {
  audits: readonly Audit[]
  tally: Tally
  duplicated: readonly number[]
  ledgerComplete: boolean
}): string[] {
  const { audits, tally, duplicated, ledgerComplete } = found
  const defects = audits.flatMap(({ node, readings }) => {
    const unexpected = [...new Set(readings.flatMap((reading) => reading.unexpected))]
    const unsent = tally.unsent.get(node) ?? 0
    const vanished = tally.vanished.get(node) ?? 0
    return [
      unexpected.length > 0 &&
        `${node} holds ${counted(unexpected.length, 'key')} of this trial that no client sent (${some(unexpected)})`,
      unsent > 0 && ledgerComplete && `${node} holds ${counted(unsent, 'write')} that no recorded request sent`,
      vanished > 0 && `${counted(vanished, 'write')} vanished from ${node} between two readings`,
    ].filter((defect) => defect !== false)
  })
  if (duplicated.length > 0)
    defects.push(`${numbered(duplicated)} ${duplicated.length === 1 ? 'is' : 'are'} stored more than once`)
  const { resurrected } = tally
  if (resurrected.length > 0)
    defects.push(
      `${numbered(resurrected)} ${resurrected.length === 1 ? 'is' : 'are'} stored, although the client was told that ${resurrected.length === 1 ? 'it was' : 'they were'} rejected`,
    )
  if (tally.appeared > 0)
    defects.push(
      `${counted(tally.appeared, 'acknowledged write')} stood on no database when they were read first, and on some when they were read again`,
    )
  const divergent = tally.divergent - tally.unsettled
  if (divergent > 0)
    defects.push(
      `the databases disagree on ${counted(divergent, 'write')}: some hold ${divergent === 1 ? 'it' : 'them'}, others do not`,
    )
  return defects
}

/** `2 writes (n 200, 204)` */
function numbered(numbers: readonly number[]): string {
  return `${counted(numbers.length, 'write')} (n ${some(numbers, 3)})`
}
