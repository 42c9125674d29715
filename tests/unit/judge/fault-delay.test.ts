// Goal: a link that was quicker than asked is found, and one that lacks what Toxiproxy itself takes off is not.
// Method: the check alone, on round trips; lies in whole journals are in tests/journals/lies/version.ts.
import { expect, test } from 'vitest'
import type { EventOf } from '../../../chaos/journal/schema.ts'
import { delayDefect } from '../../../chaos/judge/fault-delay.ts'
import type { Topology } from '../../../chaos/topology/topology.ts'

const topology = {
  links: [{ name: 'link-east-west', sites: ['east', 'west'], latencyMs: 15 }],
  nodes: [],
  sites: [],
} as unknown as Topology

/** 30 ms there and back are the link's own. */
const check = (latencyMs: number, leastMs: number) =>
  delayDefect(
    { fault: 'slow', links: ['link-east-west'], with: { latencyMs } } as unknown as EventOf<'fault.requested'>,
    topology,
    [{ from: 'east', to: 'west', leastMs, mostMs: 1_000 }],
  )

test.each([
  [40, 110],
  // Of a real drill on a busy host.
  [40, 108.3],
  [40, 102],
  // However slow it is to be, no more than a result may be off.
  [400, 820],
])('slow by %i ms each way, and %f ms there and back: it was', (latencyMs, leastMs) => {
  expect(check(latencyMs, leastMs)).toBeUndefined()
})

test.each([
  [40, 101.9],
  [400, 819.9],
  // A tenth, so that a small delay is not forgiven as a whole.
  [5, 38.9],
  [5, 30],
])('slow by %i ms each way, and %f ms there and back: it was not', (latencyMs, leastMs) => {
  expect(check(latencyMs, leastMs)).toMatch(/^a round trip over link-east-west took .* ms, which is less than .* ms$/)
})
