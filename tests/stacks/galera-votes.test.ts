// Goal: with two of its three votes in the lost region Galera stops taking writes, and that is a miss.
//
//   clients ─► gateway ─┬► items-1 ─ galera-1, arbitrator   east ✕
//                       └► items-2 ─ galera-2               west
//
// Method: as in galera.test.ts; the planted mistake is a change of where the arbitrator stands.
import { test } from 'vitest'
import { expectCaught } from '../chaos/world.ts'
import { lostEast } from './lost-east.ts'
import { stackWorld } from './world.ts'

test('planted flaw: with two of three votes in the lost region nobody takes writes until it is back', async () => {
  await using world = await stackWorld('galera', {
    plant: [
      ['[items-1, galera-1]', '[items-1, galera-1, arbitrator]'],
      ['witness: { services: [arbitrator] }', 'witness: {}'],
    ],
  })
  expectCaught(await world.trial(lostEast), 'recover-within')
})
