// Goal: Galera with a member in each region and its arbitrator at a witness goes on taking writes when a region is lost,
// and loses nothing that it acknowledged. With two of its three votes in the lost region it stops, and that is a miss.
//
//   clients ─► gateway ─┬► items-1 ─ galera-1     east ✕
//                       └► items-2 ─ galera-2     west
//                                    arbitrator   witness
//
// Method: the stack from a copy of its folder, over links that route, because members tell each other their addresses;
// the planted mistake is a change of where the arbitrator stands. Galera gives a silent member up after 5 s.
import { expect, test } from 'vitest'
import { fault, region, scenario } from '../../chaos/scenarios/define.ts'
import { regionKill } from '../../chaos/scenarios/library/region-kill.ts'
import { expectCaught, unlessNoRoom } from '../chaos/world.ts'
import { stackWorld } from './world.ts'

const lostEast = scenario({
  ...regionKill,
  faults: [fault('kill', region('east'), { lasting: 20 })],
  observe: 45,
  // Few enough that none is turned away while nobody answers for half a minute.
  load: { ...regionKill.load, ratePerSecond: 20 },
  objectives: { recoverWithinMs: 15_000, lostWrites: 0 },
})

test('the other region goes on taking writes when a region loses power, and nothing is lost', async (context) => {
  await using world = await stackWorld('galera')
  const outage = await world.trial(lostEast)
  unlessNoRoom(context, outage)
  expect(outage).toRecoverWithin('15s')
  expect(outage).toLoseNoAckedWrites()
})

test('planted flaw: with two of three votes in the lost region nobody takes writes until it is back', async () => {
  await using world = await stackWorld('galera', {
    plant: [
      ['[items-1, galera-1]', '[items-1, galera-1, arbitrator]'],
      ['witness: { services: [arbitrator] }', 'witness: {}'],
    ],
  })
  expectCaught(await world.trial(lostEast), 'recover-within')
})
