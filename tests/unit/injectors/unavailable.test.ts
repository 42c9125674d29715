// Goal: what an engine cannot do makes a fault unavailable, with the engine's own reason, before anything is touched.
// Method: an engine that can do nothing at all, and every kind that acts through it.
import { expect, test } from 'vitest'
import type { Capabilities, Engine } from '../../../chaos/engine/engine.ts'
import { Unavailable } from '../../../chaos/faults/fault.ts'
import { contextOn } from '../../../chaos/injectors/injectors.ts'
import { examplesOf } from '../../../chaos/scenarios/examples.ts'
import type { FaultKind } from '../../../chaos/scenarios/schema.ts'
import { ordered, paper } from '../faults/reaching.ts'

const reasons = {
  kill: 'no process can be killed at once here',
  freeze: 'no process can be frozen here',
  limitProcessor: 'no processor can be limited here',
  fillDisk: 'no disk can be filled here',
  loseDisk: 'no volume can be emptied here',
  cutLinks: 'no packet can be dropped here',
  probeMachine: 'the nodes run on another machine',
} as const
const can = Object.fromEntries(
  Object.entries(reasons).map(([name, unavailable]) => [name, { unavailable }]),
) as unknown as Capabilities
const nothing = new Proxy({ can } as Engine, {
  get(engine, name: keyof Engine) {
    if (name === 'can') return engine.can
    throw new Error(`the engine was asked for ${name}`)
  },
})
const context = contextOn({
  engine: nothing,
  topology: paper,
  undo: undefined as never,
  now: () => 0,
  view: { leader: undefined, databases: new Map() },
})

test.each<[FaultKind, string]>([
  ['kill', reasons.kill],
  ['crash-loop', reasons.kill],
  ['pause', reasons.freeze],
  ['cpu-starve', reasons.limitProcessor],
  ['disk-full', reasons.fillDisk],
  ['disk-loss', reasons.loseDisk],
  ['blackhole', reasons.cutLinks],
  ['partial', reasons.cutLinks],
  ['loss', reasons.cutLinks],
  ['isolate', reasons.cutLinks],
  ['flap', reasons.cutLinks],
])('%s: %s', async (kind, reason) => {
  const [spec] = examplesOf(kind, { forMs: 1_000 })
  if (!spec) throw new Error(`${kind} has no example`)
  const { fault, order } = ordered(spec)
  const refused = await fault.prepare(order, context).then(
    () => undefined,
    (error: unknown) => error,
  )
  expect(refused).toBeInstanceOf(Unavailable)
  expect((refused as Unavailable).message).toBe(reason)
})

test('the evidence that only the engine has does not hold, and says why', async () => {
  for (const kind of ['cpu-starve', 'disk-full'] as const) {
    const [spec] = examplesOf(kind, { forMs: 1_000 })
    if (!spec) throw new Error(`${kind} has no example`)
    const { fault, order } = ordered(spec)
    const [claim] = fault.claims?.(order, context) ?? []
    expect(await claim?.look()).toEqual({
      holds: false,
      seen: kind === 'cpu-starve' ? reasons.limitProcessor : reasons.fillDisk,
    })
  }
})
