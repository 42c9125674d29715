// Goal: health and exit status as the engine's list tells them, in its words.
import { expect, test } from 'vitest'
import { wordsOf } from '../../../chaos/engine/docker/engine.ts'

test.for([
  ['Up 3 seconds', {}],
  ['Up 3 seconds (health: starting)', { health: 'starting' }],
  ['Up 2 minutes (healthy)', { health: 'healthy' }],
  ['Up 2 minutes (unhealthy)', { health: 'unhealthy' }],
  ['Up 2 minutes (Paused)', {}],
  ['Exited (0) 2 minutes ago', { exitStatus: 0 }],
  ['Exited (137) About a minute ago', { exitStatus: 137 }],
  ['Created', {}],
] as const)('%s', ([status, words]) => {
  expect(wordsOf(status)).toEqual(words)
})
