// Goal: on a terminal adopt asks for what no file tells; elsewhere it asks nothing.
import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { draftOf } from '../../../chaos/adopt/draft.ts'
import { askedOn } from '../../../chaos/cli/adopt-ask.ts'
import { recorded, stacks } from '../../compose/stacks.ts'

const { config } = recorded(stacks.find(({ name }) => name === 'nats')?.folder ?? '')

function terminal(isTTY: boolean, answers: string[]) {
  const stdin = Object.assign(new PassThrough(), { isTTY })
  const stderr = Object.assign(new PassThrough(), { isTTY })
  const asked: string[] = []
  stderr.setEncoding('utf8')
  stderr.on('data', (text: string) => {
    if (!text.includes('?')) return
    asked.push(text)
    stdin.write(`${answers.shift() ?? ''}\n`)
  })
  return { stdin, stderr, asked }
}

const draft = (answers: { chosen?: ReadonlyMap<string, string>; enter?: readonly string[] }) =>
  draftOf(config, { compose: ['compose.yml'], ...answers })

test('answers come before guesses, and an empty one keeps the guess', async () => {
  const { asked, ...streams } = terminal(true, ['nats-a, nats-b', 'nats-c', 'http://nats-a:8222'])
  const { world } = await askedOn(streams, draft)
  expect(asked).toEqual([
    expect.stringContaining('Which services stand at east? [nats-a]'),
    expect.stringContaining('Which services stand at west? [nats-b]'),
    expect.stringContaining('Where do clients enter'),
  ])
  expect(world.sites).toEqual({ east: { services: ['nats-a', 'nats-b'] }, west: { services: ['nats-c'] } })
  expect(world.clients?.enter).toEqual(['http://nats-a:8222'])

  const kept = await askedOn(terminal(true, []), draft)
  expect(kept.world).toEqual(draft({}).world)
})

test('without a terminal nothing is asked', async () => {
  const { asked, ...streams } = terminal(false, [])
  expect((await askedOn(streams, draft)).world).toEqual(draft({}).world)
  expect(asked).toEqual([])
})
