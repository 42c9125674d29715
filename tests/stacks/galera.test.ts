// Goal: Galera with a member in each region and its arbitrator at a witness goes on taking writes when a region is lost,
// and loses nothing that it acknowledged.
//
//   clients ─► gateway ─┬► items-1 ─ galera-1     east ✕
//                       └► items-2 ─ galera-2     west
//                                    arbitrator   witness
//
// Method: the stack from a copy of its folder, over links that route, because members tell each other their addresses.
// Galera gives a silent member up after 5 s.
import { expect, test } from 'vitest'
import { unlessMachineUnfit } from '../chaos/world.ts'
import { lostEast } from './lost-east.ts'
import { stackWorld } from './world.ts'

test('the other region goes on taking writes when a region loses power, and nothing is lost', async (context) => {
  await using world = await stackWorld('galera')
  const outage = await world.trial(lostEast)
  unlessMachineUnfit(context, outage)
  expect(outage).toRecoverWithin('15s')
  expect(outage).toLoseNoAckedWrites()
})
