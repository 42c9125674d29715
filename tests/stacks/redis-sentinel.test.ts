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
 * The region where the primary starts loses the others, and not its clients: it could go on taking writes that nobody
 * else has. Clients have served themselves from both sides when the links come back. The witness is lost a second later
 * than the other region, so its replica has writes that the other lacks.
 */
const splitBrain = scenario({
  name: 'split-brain',
  title: 'The region where the primary starts loses the other region and the witness, and clients still reach both',
  tags: ['partition'],
  faults: [
    fault('blackhole', link('east', 'west'), { lasting: 20 }),
    fault('blackhole', link('east', 'witness'), { at: 1, lasting: 19 }),
  ],
  observe: 36,
  objectives: { lostWrites: 0, onePrimary: true },
})
/** Of a planted flaw: it shows where the primary starts, and not in a second trial after it has moved. */
const once = { attempts: 1 }

test("a replica takes over when the primary's region loses power", async (context) => {
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
  const outage = await world.trial(splitBrain, once)
  expectCaught(outage, 'lost-writes')
  expect(outage.lostWriteSamples.length).toBeGreaterThan(0)
  expect(outage.lostWriteSamples[0]).toMatchObject({ absentFrom: expect.any(Array) as string[] })
  // Both regions had a primary that took writes.
  expectCaught(outage, 'one-primary')
})

test('planted flaw: a replica with fewer writes that is preferred as the next primary loses the others', async () => {
  const replicaOf = 'echo "replicaof redis-1 6379" >> own.conf'
  await using world = await stackWorld('redis-sentinel', {
    plant: [[replicaOf, `${replicaOf}; [ "$$HOSTNAME" != redis-3 ] || echo "replica-priority 200" >> own.conf`]],
  })
  expectCaught(await world.trial(splitBrain, once), 'lost-writes')
})

test('planted flaw: an app without retries fails requests while a new primary is found', async () => {
  await using world = await stackWorld('redis-sentinel', {
    plant: [['environment: { STORE', 'environment: { RETRY_MS: "0", STORE']],
  })
  const outage = await world.trial(lostRegion)
  expectCaught(outage, 'failed-requests')
})
