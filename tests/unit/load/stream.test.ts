// Goal: what the load generator did not say is never taken for a number.
import { expect, test } from 'vitest'
import { parseLine } from '../../../chaos/load/stream.ts'

test('its last line says how many arrivals it made, and how many it had to leave out', () => {
  expect(parseLine('summary,2721,3')).toEqual({ is: 'summary', iterations: 2721, dropped: 3 })
})
test.each(['summary', 'summary,', 'summary,,', 'summary,12,', 'summary,,0', 'summary,NaN,0', 'summary,12,-1'])(
  'a line without two numbers does not: %j',
  (text) => {
    expect(parseLine(text)).toEqual({ is: 'other', text })
  },
)
