// Goal: Patroni as its documentation has it loses nothing that it acknowledged when the primary's region loses power, and
// never has two primaries. Its own default times say how long clients wait, so that no limit is set for it here but that
// they are served again while the region is still away.
//
//   clients ─► gateway ─► items ─► haproxy ─► east: patroni (primary), etcd ✕ ═ link ═ west: patroni, etcd   witness: etcd
//
// Method: the stack from a copy of its folder, the scenario of the library, under its load.
import { afterAll, beforeAll, expect, test } from 'vitest'
import { regionKill } from '../../chaos/scenarios/library/region-kill.ts'
import { unlessMachineUnfit } from '../chaos/world.ts'
import { type StackWorld, stackWorld } from './world.ts'

let world: StackWorld
beforeAll(async () => {
  world = await stackWorld('patroni')
})
afterAll(() => world?.[Symbol.asyncDispose]())

test("the other region takes over when the primary's region loses power, and nothing is lost", async (context) => {
  const outage = await world.trial(regionKill)
  expect(outage.validity.filter(({ name, holds }) => name === 'instruments-worked' && !holds)).toEqual([])
  unlessMachineUnfit(context, outage)
  expect(outage).toRecoverWithin('60s')
  expect(outage).toLoseNoAckedWrites()
  expect(outage).toHaveExactlyOnePrimary()
})
