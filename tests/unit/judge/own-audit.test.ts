// Goal: losses of a system of one's own are found by what its apps show; nobody who looked is not a loss, and not green.
import { expect, test } from 'vitest'
import { judge } from '../../../chaos/judge/judge.ts'
import type { Verdict } from '../../../chaos/judge/verdict.ts'
import { audited, type Story } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

const askedAt: Record<string, string> = { 'pg-east-a': 'app-east-a', 'pg-west-a': 'app-west-a' }
const nodes = Object.values(askedAt)
/** The readings of two databases as if they were those of apps, which know of no server. `lost`: not shown in west. */
const byHttp = (lost: number[] = []): Story => {
  const story = lost.length === 0 ? met() : met().absent('pg-west-a', lost)
  return story
    .change('trial.opened', (event) => ({ ...event, audit: { by: 'http', nodes } }))
    .change('audit.read', (event) => {
      const node = askedAt[event.node]
      if (node === undefined) return null
      const { server: _, systemIdentifier: __, ...rest } = audited(event, {})
      return { ...rest, node, invariants: [] }
    })
}
const lostWrites = (verdict: Verdict) => verdict.objectives.find(({ name }) => name === 'lost-writes')

test('nothing lost', () => {
  const verdict = judge(byHttp().build())
  expect(verdict.summary).not.toContain('inconclusive')
  expect(verdict).toMatchObject({ verdict: 'met', lostWrites: 0 })
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
