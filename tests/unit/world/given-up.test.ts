// Goal: the services on which Compose gave up are known from its words.
import { expect, test } from 'vitest'
import { givenUp } from '../../../chaos/world/up.ts'

test.for([
  ['dependency failed to start: container w-1-db-1-1 is unhealthy', ['db-1']],
  ['dependency failed to start: container w-1-web-1 exited (3)', ['web']],
  [
    ' Container x  service "migrate" didn\'t complete successfully: exit 2\nservice "migrate" didn\'t complete',
    ['migrate'],
  ],
  ['no such image', []],
] as const)('%s', ([words, services]) => {
  expect(givenUp(words, 'w-1')).toEqual(services)
})
