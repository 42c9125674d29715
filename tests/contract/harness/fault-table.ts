// Writes into docs/faults.md what clients see of each fault kind, measured. `node tests/contract/harness/fault-table.ts
// [rounds]`, three rounds unless told otherwise, about five minutes.

import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import { packageRoot } from '../../../chaos/roots.ts'
import { between } from '../../../tools/between.ts'
import { type Case, onLinks, onNodes } from './cases.ts'
import { type Observation, observe, type Sight } from './observe.ts'
import { type Flow, median, type Reaction } from './sight.ts'
import { bringUpSites } from './sites.ts'

const rounds = Number(process.argv[2] ?? 3)
const cases: Case[] = [...Object.values(onLinks), ...Object.values(onNodes)]

/** The middle of what was measured, with its unit; nothing where nothing was. */
function ms(values: (number | null | undefined)[]): string {
  const middle = median(values.filter((value) => typeof value === 'number'))
  return middle === null ? '' : `${Math.round(middle)} ms`
}

/** What most rounds saw; where they differ, each, the most frequent first. */
function words(values: string[]): string {
  const counts = [...Map.groupBy(values, (value) => value)].toSorted(([, a], [, b]) => b.length - a.length)
  return counts
    .map(([value, { length }]) => (counts.length > 1 ? `${value} (${length} of ${values.length})` : value))
    .join(' or ')
}

function sentence(...parts: (string | false)[]): string {
  return parts.filter(Boolean).join(' ')
}

function reactionWords(reactions: Reaction[], handshakes: (number | null)[] = []): string {
  // A handshake that came only after the heal is told with the heal.
  const handshake =
    handshakes.length > 0 && reactions.every(({ during }) => during !== 'no handshake') && ms(handshakes)
  const during = words(
    reactions.map(({ during, said }) =>
      during === 'silence' && handshake
        ? 'accepted, then silence'
        : during === 'answers' && said !== 'done'
          ? `answers ${said}`
          : during,
    ),
  )
  const ended = reactions.filter(({ then }) => then !== null)
  const after = reactions.flatMap((reaction) => reaction.after ?? [])
  return [
    sentence(
      during,
      ms(reactions.map((reaction) => reaction.ms)) && `after ${ms(reactions.map((reaction) => reaction.ms))}`,
    ),
    ...(handshake ? [`handshake ${handshake}`] : []),
    ...(ended.length > 0
      ? [`then ${words(ended.map(({ then }) => then ?? ''))}, ${ms(ended.map(({ thenMs }) => thenMs))} after the fault`]
      : []),
    ...(after.length > 0
      ? [
          sentence(
            'after the heal',
            words(after),
            ms(reactions.map(({ afterMs }) => afterMs)) && `(${ms(reactions.map(({ afterMs }) => afterMs))})`,
          ),
        ]
      : []),
  ].join('; ')
}

function flowWords(flows: (Flow | null)[]): string {
  const known = flows.filter((flow) => flow !== null)
  if (known.length === 0) return 'lost with the node'
  const stopped = known.filter((flow) => flow.stoppedMs !== null)
  const resumed = known.filter((flow) => flow.stoppedMs !== null && flow.resumedMs !== null)
  const lost = known.flatMap((flow) => flow.lost ?? [])
  return [
    stopped.length > 0 ? `stops after ${ms(stopped.map((flow) => flow.stoppedMs))}` : 'goes on',
    ...(known.some(({ during }) => during.lines > 0)
      ? [
          `${median(known.map(({ during }) => during.lines))} lines during it, ${ms(known.map(({ during }) => during.medianMs))} old`,
        ]
      : []),
    ...(stopped.length > 0
      ? [resumed.length > 0 ? `resumes ${ms(resumed.map((flow) => flow.resumedMs))} after the heal` : 'does not resume']
      : []),
    lost.length === 0
      ? 'loss not known'
      : Math.max(...lost) === 0
        ? 'none lost'
        : median(lost) === 0
          ? `up to ${Math.max(...lost)} lost`
          : `${median(lost)} lost`,
  ].join('; ')
}

function busyWords(sights: Sight[]): string {
  const ended = sights.filter(({ busy }) => busy.how !== null)
  if (ended.length === 0) return 'usable'
  const late = ended.filter(({ busy }) => busy.endedAfterHealMs !== null)
  const when =
    late.length > 0
      ? `${ms(late.map(({ busy }) => busy.endedAfterHealMs))} after the heal`
      : `after ${ms(ended.map(({ busy }) => busy.endedMs))}`
  return `${words(ended.map(({ busy }) => busy.how ?? ''))} ${when}`
}

function rowsOf({ spec, note }: Case, seen: Observation[]): string[] {
  const told = Object.entries('with' in spec && spec.with ? spec.with : {})
    .map(([name, value]) => `${name} ${Array.isArray(value) ? value.join() : value}`)
    .join(', ')
  const label = `${spec.kind}${told ? ` (${told})` : ''}${note ? `, ${note}` : ''}`
  return Object.keys(seen[0]?.sights ?? {}).map((way) => {
    const sights = seen.flatMap((observation) => observation.sights[way] ?? [])
    return `| ${[
      label,
      way.replace(' to ', ' → '),
      reactionWords(
        sights.map(({ fresh }) => fresh),
        sights.map(({ handshakeMs }) => handshakeMs),
      ),
      reactionWords(sights.map(({ later }) => later)),
      reactionWords(sights.map(({ idle }) => idle)),
      reactionWords(sights.map(({ sleeper }) => sleeper)),
      flowWords(sights.map(({ up }) => up)),
      flowWords(sights.map(({ down }) => down)),
      busyWords(sights),
    ].join(' | ')} |`
  })
}

async function measured(): Promise<{ rows: string[]; acts: string[] }> {
  const seen = new Map<Case, Observation[]>(cases.map((each) => [each, []]))
  await using sites = await bringUpSites('blackstart-test-table')
  for (let round = 1; round <= rounds; round++) {
    for (const each of cases) {
      console.error(`round ${round} of ${rounds}: ${each.spec.kind} ${each.note ?? ''}`)
      seen.get(each)?.push(await observe(sites, each.spec, each.options))
    }
  }
  const acts = cases.map(
    (each) =>
      `| ${each.spec.kind}${each.note ? `, ${each.note}` : ''} | ${ms((seen.get(each) ?? []).map(({ spreadMs }) => spreadMs))} | ${ms((seen.get(each) ?? []).map(({ healTookMs }) => healTookMs))} |`,
  )
  return { rows: cases.flatMap((each) => rowsOf(each, seen.get(each) ?? [])), acts }
}

/** Where and when it was measured, and the table. */
function measuredWords(rows: string[]): string {
  const commit = execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], { cwd: packageRoot, encoding: 'utf8' }).trim()
  const machine = `${availableParallelism()} cores of ${cpus()[0]?.model.trim() ?? 'unknown'}, ${(totalmem() / 2 ** 30).toFixed(1)} GiB, kernel ${release()}`
  const date = new Date().toISOString().slice(0, 10)
  return [
    `Medians of ${rounds} rounds; ${machine}; Node ${process.versions.node}; commit ${commit};\n${date}.`,
    '',
    '| fault | client → node | new connection | later | idle connection | sleeping connection | bytes in flight, there | bytes in flight, back | their connection |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n')
}

function actsWords(acts: string[]): string {
  return ['| fault | from the first act to the last | heal |', '| --- | --- | --- |', ...acts].join('\n')
}

const path = join(packageRoot, 'docs', 'faults.md')
const { rows, acts } = await measured()
const page = readFileSync(path, 'utf8')
writeFileSync(path, between(between(page, 'measured', measuredWords(rows)), 'acts', actsWords(acts)))
