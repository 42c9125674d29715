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
import { unlessMachineUnfit } from '../chaos/world.ts'
import { lostEast } from './lost-east.ts'
import { stackWorld } from './world.ts'

test('the others elect a leader when a region loses power, and nothing is lost', async (context) => {
  await using world = await stackWorld('nats')
  const outage = await world.trial(lostEast)
  unlessMachineUnfit(context, outage)
  expect(outage).toRecoverWithin('15s')
  expect(outage).toLoseNoAckedWrites()
})
