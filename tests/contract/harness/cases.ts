/** Each kind of fault that can act on the small world of three sites, with who looks and for how long. */

import { fault } from '../../../chaos/scenarios/define.ts'
import type { FaultSpec, Target } from '../../../chaos/scenarios/schema.ts'
import { acrossTheLink, type ObserveOptions, toTheNode, type Way } from './observe.ts'
import type { NodeName } from './sites.ts'

export const link: Target = { scope: 'link', sites: ['a', 'b'] }
export const nodeNamed = (name: NodeName): Target => ({ scope: 'node', name })
const lasting = 1

export interface Case {
  spec: FaultSpec
  options: ObserveOptions /** To tell two of a kind apart. */
  note?: string
}

const acrossWith = (spec: FaultSpec, options: Partial<ObserveOptions> = {}): Case => ({
  spec,
  options: { ways: acrossTheLink, ...options },
})
const neighbours: Way[] = [{ from: 'talker-a', to: 'stubborn-b' }]
const atNode = (spec: FaultSpec, options: Partial<ObserveOptions> = {}): Case => ({
  spec,
  options: { ways: toTheNode, alsoUntouched: neighbours, ...options },
})

/**
 * Faults of links, each held long enough to show itself: two down phases of a flap, one retransmission of everything
 * else.
 */
export const onLinks = {
  none: acrossWith(fault('none', { scope: 'nothing' }, { lasting })),
  blackhole: acrossWith(fault('blackhole', link, { lasting })),
  out: acrossWith(fault('one-way', link, { lasting, direction: 'out' })),
  in: acrossWith(fault('one-way', link, { lasting, direction: 'in' })),
  hang: acrossWith(fault('hang', link, { lasting })),
  refuse: acrossWith(fault('refuse', link, { lasting })),
  slow: acrossWith(fault('slow', link, { lasting, latencyMs: 200 })),
  jitter: acrossWith(fault('jitter', link, { lasting, jitterMs: 200 })),
  bandwidth: acrossWith(fault('bandwidth', link, { lasting, kilobytesPerSecond: 2 })),
  reset: acrossWith(fault('reset', link, { lasting })),
  flap: acrossWith(fault('flap', link, { lasting, of: 'blackhole', downMs: 1_000, upMs: 1_000 }), { holdMs: 2_700 }),
  partial: acrossWith(fault('partial', { scope: 'region', name: 'a' }, { lasting, from: ['b'] })),
  loss: acrossWith(fault('loss', link, { lasting, share: 0.2 }), { holdMs: 3_000 }),
  lossOut: acrossWith(fault('loss', link, { lasting, share: 0.5, direction: 'out' }), { holdMs: 3_000 }),
} satisfies Record<string, Case>

const toTheIsolated: Way[] = [
  { from: 'talker-a', to: 'talker-b' },
  { from: 'stubborn-b', to: 'talker-b' },
  { from: 'talker-b', to: 'stubborn-b' },
]
const stubborn: Way[] = [
  { from: 'talker-a', to: 'stubborn-b' },
  { from: 'host', to: 'stubborn-b' },
]

export const onNodes = {
  kill: atNode(fault('kill', nodeNamed('talker-b'), { lasting }), { holdMs: 2_000 }),
  diskLoss: atNode(fault('disk-loss', nodeNamed('talker-b'), { lasting }), { holdMs: 2_000 }),
  pause: atNode(fault('pause', nodeNamed('talker-b'), { lasting })),
  // A question that takes 400 ms is asked right before the node is told to stop.
  drain: atNode(fault('drain', nodeNamed('talker-b'), { lasting }), { holdMs: 2_000, begun: 'work 400' }),
  drainStubborn: {
    ...atNode(fault('drain', nodeNamed('stubborn-b'), { lasting }), {
      ways: stubborn,
      alsoUntouched: [{ from: 'talker-a', to: 'talker-b' }],
      holdMs: 3_200,
    }),
    note: 'a node that ignores SIGTERM, with 2 s to stop',
  },
  crashLoop: atNode(fault('crash-loop', nodeNamed('talker-b'), { lasting, upMs: 1_000, downMs: 1_000 }), {
    holdMs: 6_000,
  }),
  cpuStarve: atNode(fault('cpu-starve', nodeNamed('talker-b'), { lasting, cores: 0.02 })),
  isolate: atNode(fault('isolate', nodeNamed('talker-b'), { lasting }), {
    ways: toTheIsolated,
    alsoUntouched: [...neighbours, { from: 'host', to: 'talker-b' }],
  }),
  diskFull: atNode(fault('disk-full', nodeNamed('talker-b'), { lasting }), { asking: 'store' }),
} satisfies Record<string, Case>
