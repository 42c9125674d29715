import { fault, region, scenario } from '../../chaos/scenarios/define.ts'
import { regionKill } from '../../chaos/scenarios/library/region-kill.ts'

/** For a system whose members are given up after some seconds: the outage outlives that, and no more. */
export const lostEast = scenario({
  ...regionKill,
  faults: [fault('kill', region('east'), { lasting: 16 })],
  observe: 30,
  // Few enough that none is turned away while nobody answers for half a minute.
  load: { ...regionKill.load, ratePerSecond: 20 },
  objectives: { recoverWithinMs: 15_000, lostWrites: 0 },
})
