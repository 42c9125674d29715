// Goal: a fault is proved only by somebody who looked, and the evidence names who that was and claims no more.
// Method: worlds of two nodes without ports, with beacons or without, and an engine that says what it is told.

import { expect, test } from 'vitest'
import type { ContainerState } from '../../../chaos/engine/engine.ts'
import type { Effect } from '../../../chaos/faults/fault.ts'
import { View } from '../../../chaos/observers/view.ts'
import { expectationOf } from '../../../chaos/run/expectation.ts'
import { prove } from '../../../chaos/run/proof.ts'
import { engineSaying, smallTopology, viewOf } from './small-topology.ts'

const cut: Effect = {
  silent: [
    { from: 'east', to: 'west' },
    { from: 'west', to: 'east' },
  ],
}
const bothSilent = { 'east>west': false, 'west>east': false }
const bothFlow = { 'east>west': true, 'west>east': true }

interface World {
  beacons?: string[]
  states?: Record<string, ContainerState>
  view?: View
  others?: Effect[]
}

async function proofOf(
  taken: Effect,
  { beacons = [], states = {}, view = new View(), others = [] }: World,
): Promise<string[]> {
  const topology = smallTopology({ beacons })
  return (
    await prove({
      topology,
      view,
      engine: engineSaying(topology, states),
      expectation: () => expectationOf(topology, [taken, ...others]),
      taken,
      limitMs: 50,
    })
  ).evidence
}

test('a cut link in a world without beacons is proved by nobody, and the reason says what to add', async () => {
  await expect(proofOf(cut, {})).rejects.toThrow(
    /it cannot be proved that east>west is silent: there is no beacon at east or west. A link needs a beacon \(blackstart\.role=beacon.*at each of its ends/,
  )
})

test('a beacon at one end has nobody to ping', async () => {
  await expect(proofOf(cut, { beacons: ['east'] })).rejects.toThrow(/no beacon at west\./)
})

test('a cut between two beacons is proved by both, and the nodes without a port are not said to answer', async () => {
  expect(await proofOf(cut, { beacons: ['east', 'west'], view: viewOf(bothSilent) })).toEqual([
    'silent on existing and fresh connections: east>west, west>east',
    'still answer: 0 nodes, 0 directions',
    'running, according to the engine: pg1, pg2, link-east-west, beacon-east, beacon-west',
  ])
})

test('a cut is not proved while its link is heard, nor when only one way is silent', async () => {
  await expect(proofOf(cut, { beacons: ['east', 'west'], view: viewOf(bothFlow) })).rejects.toThrow(
    'west still hears east',
  )
  await expect(
    proofOf(cut, { beacons: ['east', 'west'], view: viewOf({ 'east>west': false, 'west>east': true }) }),
  ).rejects.toThrow('east still hears west')
})

test('silence of a site whose beacon another fault has taken is no proof of a cut', async () => {
  const world = { beacons: ['east', 'west'], view: viewOf(bothSilent), states: { 'beacon-west': 'exited' as const } }
  await expect(proofOf(cut, { ...world, others: [{ gone: ['beacon-west'] }] })).rejects.toThrow(
    /it cannot be proved that it silences east>west: another active fault has taken the beacon at west/,
  )
  await expect(proofOf(cut, { ...world, others: [{ unsettled: ['beacon-west'] }] })).rejects.toThrow(
    /another active fault has taken the beacon at west/,
  )
})

test('a killed node that publishes no port is gone according to the engine, and the evidence says so', async () => {
  expect(await proofOf({ gone: ['pg1'] }, { states: { pg1: 'exited' } })).toEqual([
    'not running, according to the engine: pg1',
    'not observed, for want of a beacon: east>west, west>east',
    'still answer: 0 nodes, 0 directions',
    'running, according to the engine: pg2, link-east-west',
  ])
  await expect(proofOf({ gone: ['pg1'] }, {})).rejects.toThrow('pg1 is running, according to the engine')
  await expect(proofOf({ gone: ['pg1'] }, { states: { pg1: 'restarting' } })).rejects.toThrow(
    'pg1 is restarting, according to the engine',
  )
})

test('of the way to a site whose beacon died nobody says that it still carries anything', async () => {
  const view = viewOf({ 'east>west': true, 'west>east': false })
  view.see({ seq: 0, atMs: 0, kind: 'beacon.reachable', site: 'west', reachable: false, uncertaintyMs: 0 })
  expect(
    await proofOf({ gone: ['beacon-west'] }, { beacons: ['east', 'west'], view, states: { 'beacon-west': 'exited' } }),
  ).toEqual([
    'not running, according to the engine: beacon-west',
    'silent on existing and fresh connections: west>east',
    'not observed, for want of a beacon: east>west',
    'still answer: 0 nodes, 0 directions',
    'running, according to the engine: pg1, pg2, link-east-west, beacon-east',
  ])
})

test('so is a paused one', async () => {
  expect(await proofOf({ mute: ['pg1'] }, { states: { pg1: 'paused' } })).toContain(
    'paused, according to the engine: pg1',
  )
  await expect(proofOf({ mute: ['pg1'] }, {})).rejects.toThrow('pg1 is running, according to the engine')
})

test('one that was not to go and is not there is seen, though it publishes no port', async () => {
  await expect(proofOf({}, { states: { pg2: 'exited' } })).rejects.toThrow('pg2 is exited, according to the engine')
})

test('what another fault may have taken proves nothing', async () => {
  await expect(
    proofOf({ gone: ['pg1'] }, { states: { pg1: 'exited' }, others: [{ unsettled: ['pg1'] }] }),
  ).rejects.toThrow('it cannot be proved that it took pg1')
})
