// Goal: an error, and those of cleaning up after it, read in the order in which they came, and mean what the first one
// means. The command line with such errors: tests/contract/first-error.test.ts.
import { expect, test } from 'vitest'
import { causeOf, EnvironmentError, messageOf, statusOf, UsageError } from '../../../chaos/errors.ts'

test("an error and those of cleaning up after it read in their order, and mean the first one's status", () => {
  const both = new SuppressedError(
    new UsageError('third'),
    new SuppressedError(new Error('second'), new EnvironmentError('first')),
  )
  expect([messageOf(both), statusOf(both), causeOf(both)]).toEqual([
    'first; and while cleaning up: second; and while cleaning up: third',
    3,
    expect.any(EnvironmentError),
  ])
})
