// Goal: Redis with Sentinel as redis.io has it takes over when the primary's region is lost, and loses nothing that its
// clients were told is stored. Without the settings that this rests on it loses writes, and each is named.
//
//   gateway ─┬► items-1 ─ redis-1, sentinel-1        east
//            └► items-2 ─ redis-2, sentinel-2        west
//                         redis-3, sentinel-3        witness
//
// Method: the stack from a copy of its folder; the planted mistakes are changes of its Compose file.
import { expect, test } from 'vitest'
import { fault, link, region, scenario } from '../../chaos/scenarios/define.ts'
import { regionKill } from '../../chaos/scenarios/library/region-kill.ts'
import { expectCaught, unlessMachineUnfit } from '../chaos/world.ts'
import { stackWorld } from './world.ts'

/** A fail-over takes some five seconds: the outage outlives it, and no more. */
const briefly = { lasting: 20 }
const lostRegion = scenario({ ...regionKill, faults: [fault('kill', region('primary'), briefly)], observe: 36 })

/**
 * The primary's region loses the others, and not its clients: it could go on taking writes that nobody else has. Clients
 * have served themselves from both sides when the links come back.
 */
const splitBrain = scenario({
  name: 'split-brain',
  title: "The primary's region loses the other region and the witness, and clients still reach both regions",
  tags: ['partition'],
  faults: [
    fault('blackhole', link('primary', 'other'), { lasting: 20 }),
    fault('blackhole', link('primary', 'witness'), { lasting: 20 }),
  ],
  observe: 36,
  objectives: { lostWrites: 0, onePrimary: true },
})

test("the other region takes over when the primary's region loses power", async (context) => {
  await using world = await stackWorld('redis-sentinel')
  const outage = await world.trial(lostRegion)
  unlessMachineUnfit(context, outage)
  expect(outage).toRecoverWithin('15s')
  expect(outage).toLoseNoAckedWrites()
  expect(outage).toHaveExactlyOnePrimary()
})

test('a primary that nobody else hears acknowledges nothing that the others do not have', async (context) => {
  await using world = await stackWorld('redis-sentinel')
  const outage = await world.trial(splitBrain)
  unlessMachineUnfit(context, outage)
  expect(outage).toLoseNoAckedWrites()
  expect(outage).toHaveExactlyOnePrimary()
})

test('planted flaw: without min-replicas and WAIT, acknowledged writes are lost, and their keys are named', async () => {
  await using world = await stackWorld('redis-sentinel', {
    plant: [
      ['min-replicas-to-write 1', 'min-replicas-to-write 0'],
      ['environment: { STORE', 'environment: { WAIT_REPLICAS: "0", STORE'],
    ],
  })
  const outage = await world.trial(splitBrain)
  expectCaught(outage, 'lost-writes')
  expect(outage.lostWriteSamples.length).toBeGreaterThan(0)
  expect(outage.lostWriteSamples[0]).toMatchObject({ absentFrom: expect.any(Array) as string[] })
  // Both regions had a primary that took writes.
  expectCaught(outage, 'one-primary')
})

test('planted flaw: an app without retries fails requests while a new primary is found', async () => {
  await using world = await stackWorld('redis-sentinel', {
    plant: [['environment: { STORE', 'environment: { RETRY_MS: "0", STORE']],
  })
  const outage = await world.trial(lostRegion)
  expectCaught(outage, 'failed-requests')
})
