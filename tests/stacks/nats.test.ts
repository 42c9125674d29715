// Goal: NATS JetStream with three servers at three sites elects another leader when a region is lost, and loses nothing that
// it acknowledged.
//
//   clients ─► gateway ─┬► items-1 ─ nats-1   east ✕
//                       └► items-2 ─ nats-2   west
//                                    nats-3   witness
//
// Method: the stack from a copy of its folder, over links that route, because servers tell each other, and their clients,
// their addresses. Its own election takes four to nine seconds.
import { expect, test } from 'vitest'
import { fault, region, scenario } from '../../chaos/scenarios/define.ts'
import { regionKill } from '../../chaos/scenarios/library/region-kill.ts'
import { unlessNoRoom } from '../chaos/world.ts'
import { stackWorld } from './world.ts'

const lostEast = scenario({
  ...regionKill,
  faults: [fault('kill', region('east'), { lasting: 20 })],
  observe: 45,
  // Few enough that none is turned away while nobody answers for half a minute.
  load: { ...regionKill.load, ratePerSecond: 20 },
  objectives: { recoverWithinMs: 20_000, lostWrites: 0 },
})

test('the others elect a leader when a region loses power, and nothing is lost', async (context) => {
  await using world = await stackWorld('nats')
  const outage = await world.trial(lostEast)
  unlessNoRoom(context, outage)
  expect(outage).toRecoverWithin('20s')
  expect(outage).toLoseNoAckedWrites()
})
