// Goal: the instruments catch what is really broken. Each world here has one planted defect, and the judge must name
// it.
//
// Method: the reference world with one Compose file on top that breaks it; the same scenarios, the opposite
// expectation.
import { expect, test } from 'vitest'
import type { JournalEvent } from '../../chaos/journal/schema.ts'
import { fault, link, region, scenario } from '../../chaos/scenarios/define.ts'
import { linkCutRegionKill } from '../../chaos/scenarios/library/link-cut-region-kill.ts'
import { regionKill } from '../../chaos/scenarios/library/region-kill.ts'
import { witnessCut } from '../../chaos/scenarios/library/witness-cut.ts'
import { expectCaught, freshWorld, referenceWorld } from './world.ts'

/** Nothing here rests on how much room there was before. */
const soon = { steadyMs: 2_000 }

test('planted defect: a router without health checks misses its recovery objective', async () => {
  const world = await referenceWorld(['tests/defects/router-without-checks.yml'])
  const outageMs = 8_000
  const brief = scenario({
    ...regionKill,
    ...soon,
    name: 'region-kill-briefly',
    faults: [fault('kill', region('primary'), { lasting: outageMs / 1_000 })],
    observe: 18,
    objectives: { ...regionKill.objectives, recoverWithinMs: 5_000 },
  })
  const outage = await world.trial(brief, { needsRoom: false })
  expectCaught(outage, 'recover-within')
  // Clients are served again when the region is: a take-over that was slow would have been over before.
  expect(outage.recoveredInMs ?? Infinity).toBeGreaterThan(outageMs)
  // The data is not to blame.
  expect(outage.lostWriteSamples).toEqual([])
})

test('planted defect: an arbiter without corroboration changes a primary that only the witness has lost', async () => {
  const world = await referenceWorld(['tests/defects/arbiter-alone.yml'])
  const brief = scenario({
    ...witnessCut,
    ...soon,
    name: 'witness-cut-briefly',
    faults: [fault('partial', region('primary'), { lasting: 6, from: ['witness'] })],
    observe: 15,
    objectives: { ...witnessCut.objectives, recoverWithinMs: 15_000 },
  })
  const outage = await world.trial(brief, { needsRoom: false })
  expectCaught(outage, 'same-primary')
  // What it did was needless, not dangerous: the gate is another part.
  expect(outage.lostWriteSamples).toEqual([])
  expect(outage.dualWritable).toEqual([])
})

test('planted defect: asynchronous replication is reported as loss, with the keys', async (context) => {
  await using world = await freshWorld('async', ['regions/incidents/asynchronous.yml'])
  // Lost is what the primary acknowledges while nobody replicates from it: 3 s at 20 writes a second, or next to
  // nothing where the machine has no turn for it.
  const enough = 20
  const [cutMs, ackedMs]: [number[], number[]] = [[], []]
  const watch = (event: JournalEvent) => {
    if (event.kind === 'fault.requested') cutMs.push(event.atMs)
    if (event.kind === 'request' && event.op === 'write' && event.outcome === 'acked') ackedMs.push(event.endedMs)
  }
  const alone = () => ackedMs.filter((ms) => ms > (cutMs[0] ?? Infinity) + 500 && ms < (cutMs[1] ?? 0)).length
  const cutThenKilled = scenario({
    ...linkCutRegionKill,
    ...soon,
    name: 'link-cut-region-kill-briefly',
    faults: [
      fault('hang', link('east', 'west'), { lasting: 32 }),
      fault('kill', region('primary'), { at: 3, lasting: 29 }),
    ],
    observe: 44,
  })
  let outage = await world.trial(cutThenKilled, { watch })
  for (let again = 1; alone() <= enough; again++) {
    const few = `the primary acknowledged only ${alone()} writes while it was cut off: no more can be lost`
    if (again > 1) context.skip(`${few}, twice over: the machine has no room for it`)
    process.stderr.write(`${few}; once more\n`)
    cutMs.length = ackedMs.length = 0
    outage = await world.trial(cutThenKilled, { watch })
  }
  expect(outage.verdict).toBe('missed')
  expect(outage.lostWrites).toBeGreaterThan(enough)
  expect(outage.objectives.find((objective) => objective.name === 'lost-writes')).toMatchObject({ verdict: 'missed' })
  expect(outage.lostWriteSamples[0]?.absentFrom.length).toBeGreaterThan(0)
  // Where nobody can know who has what was acknowledged, the arbiter leaves it to the lease of 20 s.
  expect(outage.phasesMs.detect).toBeGreaterThan(10_000)
})
