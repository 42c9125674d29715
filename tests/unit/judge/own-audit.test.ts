// Goal: losses of a system of one's own are found by what its apps show; nobody who looked is not a loss, and not green.
import { describe, expect, test } from 'vitest'
import type { EventOf } from '../../../chaos/journal/schema.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import type { Node } from '../../../chaos/topology/topology.ts'
import { audited, type Story } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

const askedAt: Record<string, string> = { 'pg-east-a': 'app-east-a', 'pg-west-a': 'app-west-a' }
const nodes = Object.values(askedAt)
/** The readings of two databases as if they were those of apps, which know of no server. `lost`: not shown in west. */
const byHttp = (lost: number[] = [], by: 'http' | 'command' = 'http'): Story => {
  const story = lost.length === 0 ? met() : met().absent('pg-west-a', lost)
  return story
    .change('trial.opened', (event) => ({ ...event, audit: { by, nodes } }))
    .change('trial.opened', withoutRules)
    .change('audit.read', (event) => {
      const node = askedAt[event.node]
      if (node === undefined) return null
      const { server: _, systemIdentifier: __, ...rest } = audited(event, {})
      return { ...rest, node, invariants: [] }
    })
}
const withoutRule = ({ attributes: { 'audit.invariants': _, ...attributes }, ...node }: Node): Node => ({
  ...node,
  // Apps that answer HTTP are those that are asked.
  ports: nodes.includes(node.name) ? { http: 8080 + nodes.indexOf(node.name) } : node.ports,
  attributes,
})
const withoutRules = (event: EventOf<'trial.opened'>) => ({
  ...event,
  topology: { ...event.topology, nodes: event.topology.nodes.map(withoutRule) },
})
const lostWrites = (verdict: Verdict) => verdict.objectives.find(({ name }) => name === 'lost-writes')

test('nothing lost', () => {
  const verdict = judge(byHttp().build())
  expect(verdict.summary).not.toContain('inconclusive')
  expect(verdict).toMatchObject({ verdict: 'met', lostWrites: 0 })
})

test('the same by a command, also in the containers of the databases, which do not say which server they are', () => {
  expect(judge(byHttp([], 'command').build())).toMatchObject({ verdict: 'met', lostWrites: 0 })
  const inDatabases = met()
    .change('trial.opened', withoutRules)
    .change('trial.opened', (event) => ({
      ...event,
      audit: { by: 'command', nodes: ['pg-east-a', 'pg-east-b', 'pg-west-a', 'pg-west-b'] },
    }))
    .change('audit.read', ({ server: _, systemIdentifier: __, ...event }) => ({ ...event, invariants: [] }))
    .build()
  expect(judge(inDatabases)).toMatchObject({ verdict: 'met', lostWrites: 0 })
})

describe('invariants that SQL databases are asked for beside it', () => {
  const databases = ['pg-east-a', 'pg-west-a']
  const ruled = (): Story =>
    byHttp().change('trial.opened', (event) => ({
      ...event,
      topology: {
        ...event.topology,
        nodes: event.topology.nodes.map((node) => ({
          ...node,
          attributes: {
            ...node.attributes,
            ...(databases.includes(node.name) && { 'audit.invariants': "select 'no debt' as name" }),
          },
        })),
      },
    }))
  const answered = (answers: { holds?: boolean; node?: string; snapshotMs?: number }[]) =>
    answers.reduce(
      (story, { holds = true, node = 'pg-east-a', snapshotMs = 20_900 }) =>
        story.add(16_000, {
          kind: 'audit.invariants',
          node,
          invariants: [{ name: 'no debt', holds, detail: 'account 7 is -3' }],
          snapshotMs,
        }),
      ruled(),
    )
  const finding = (story: Story) => judge(story.build()).objectives.find(({ name }) => name === 'invariants-hold')

  test('hold', () => {
    const story = answered([{}, { node: 'pg-west-a' }])
    expect(judge(story.build())).toMatchObject({ verdict: 'met', invariantsHold: true })
    expect(finding(story)?.message).toContain('no invariant is broken (1 checked)')
  })

  test('broken', () => {
    expect(finding(answered([{}, { node: 'pg-west-a', holds: false }]))).toMatchObject({
      verdict: 'missed',
      message: expect.stringContaining('"no debt" does not hold on pg-west-a: account 7 is -3'),
    })
  })

  test.each([
    ['nobody was asked', [], 'no invariant was checked on pg-east-a'],
    ['one was not asked', [{}], 'no invariant was checked on pg-west-a'],
    [
      'too early',
      [{}, { node: 'pg-west-a', snapshotMs: 12_000 }],
      'pg-west-a were checked at +12.000 s, before the load ended',
    ],
  ])('%s: inconclusive', (_what, answers, words) => {
    expect(finding(answered(answers))).toMatchObject({
      verdict: 'inconclusive',
      message: expect.stringContaining(words),
    })
  })

  test('an answer apart takes the place of none that stands in a reading', () => {
    const broken = met()
      .change('audit.read', (event) => audited(event, { invariants: [{ name: 'no debt', holds: false, detail: '' }] }))
      .add(16_000, {
        kind: 'audit.invariants',
        node: 'pg-east-a',
        invariants: [{ name: 'no debt', holds: true, detail: '' }],
        snapshotMs: 20_900,
      })
    expect(finding(broken)).toMatchObject({ verdict: 'missed' })
  })

  test('a question that failed: inconclusive, and nothing is said of losses', () => {
    const story = answered([{}]).add(16_000, {
      kind: 'audit.failed',
      node: 'pg-west-a',
      reason: 'its invariants: no table',
    })
    expect(judge(story.build())).toMatchObject({ verdict: 'inconclusive', lostWrites: null, invariantsHold: null })
  })
})

test('a write that one region does not show is lost, and named', () => {
  const verdict = judge(byHttp([100]).build())
  expect(verdict).toMatchObject({ verdict: 'missed', lostWrites: 1 })
  expect(lostWrites(verdict)?.message).toContain('app-west-a')
})

test('an app that was not asked leaves the losses unknown', () => {
  const verdict = judge(
    byHttp()
      .change('audit.read', (event) => (event.node === 'app-west-a' ? null : event))
      .build(),
  )
  expect(verdict).toMatchObject({ verdict: 'inconclusive', lostWrites: null })
})

test('where nobody says how writes are read back, losses are not looked for', () => {
  const story = met()
    .change('trial.opened', (event) => ({ ...event, audit: { by: 'nobody', nodes: [] } }))
    .change('audit.read', () => null)
  const verdict = judge(story.build())
  expect(verdict.validity.every(({ holds }) => holds)).toBe(true)
  expect(verdict.lostWrites).toBeNull()
  expect(lostWrites(verdict)).toMatchObject({
    verdict: 'inconclusive',
    message: expect.stringContaining('blackstart.yaml does not say how writes are read back'),
  })
})

test('an answer that the declared request takes as done is no contradiction; without the declaration it is one', () => {
  const declared = (acknowledged?: number[]) =>
    met()
      .change('trial.opened', (event) => ({
        ...event,
        clients: {
          enter: ['http://a'],
          requests: [
            { name: 'put', write: true, acknowledged },
            { name: 'get', write: false },
          ],
        },
      }))
      .requests((request) => (request.n === 100 ? { ...request, status: 409 } : request))
      .build()
  const consistent = (verdict: Verdict) => verdict.validity.find(({ name }) => name === 'journal-consistent')?.holds
  expect(consistent(judge(declared([200, 201, 409])))).toBe(true)
  expect(consistent(judge(declared()))).toBe(false)
})
