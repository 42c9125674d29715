// Goal: what the load generator says reaches the journal, older lines are still read, and what it did not say is never
// taken for a number.
import { expect, test } from 'vitest'
import { recordedJournal } from '../../../chaos/journal/recorded.ts'
import { parseLine, requestOf } from '../../../chaos/load/stream.ts'
import { journal } from '../../journals/build.ts'

const schedule = { firstArrivalMs: 1_000, ratePerSecond: 40, wallStartMs: 999_000 }
const front = '7,w,1000180,1000230,201,0,app-east-a,east,pg-east-a'
const read = (text: string) => {
  const line = parseLine(text)
  return line.is === 'attempt' ? requestOf(line.fields, schedule) : line
}

test.each([
  ['an older line', front, {}],
  ['two accounts', `${front},7,12:4 873:9`, { session: 7, versions: [12, 4, 873, 9] }],
  ['one account', `${front},5,12:4`, { session: 5, versions: [12, 4] }],
  ['an answer that says no version', `${front},5,`, { session: 5 }],
  ['an answer that says something else', `${front},5,12:four`, { session: 5 }],
])('%s', (_, text, told) => {
  const request = read(text)
  expect(request).toMatchObject({ kind: 'request', n: 7, database: 'pg-east-a', ...told })
  for (const field of ['session', 'versions']) expect(field in request, field).toBe(field in told)
})

test.each([`${front},7`, `${front},7,12:4,873:9`])('no attempt: %s', (text) => {
  expect(parseLine(text).is).toBe('other')
})

test('the journal keeps them by column and gives them back as they were', () => {
  const events = journal()
    .requests((request) =>
      request.n % 3 === 0
        ? request
        : request.op === 'write'
          ? { ...request, session: request.n, versions: [request.n, 1, 900, request.n] }
          : { ...request, ...(request.n % 5 === 0 && { session: 0 }), versions: [request.n - 1, 0] },
    )
    .events()
  const asked = events.filter((event) => event.kind === 'request')
  expect([...recordedJournal(events).requests]).toStrictEqual(asked)
})

test('its last line says how many arrivals it made, and how many it had to leave out', () => {
  expect(parseLine('summary,2721,3')).toEqual({ is: 'summary', iterations: 2721, dropped: 3 })
})
test.each(['summary', 'summary,', 'summary,,', 'summary,12,', 'summary,,0', 'summary,NaN,0', 'summary,12,-1'])(
  'a line without two numbers does not: %j',
  (text) => {
    expect(parseLine(text)).toEqual({ is: 'other', text })
  },
)
