// Goal: a primary that hears nobody and is heard by nobody, and runs on, acknowledges nothing that is lost when another
// takes over, and follows that one when its network is back.
//
//   pg-east-a (primary) ╳ everybody         pg-east-b, pg-west-a, pg-west-b: one of them becomes primary
//
// Method: every packet to and from the primary is dropped in its own network namespace, so that its neighbour at the same site
// does not reach it either. Blackstart still asks it through the port that it publishes, all the time.
import { fault, node, scenario } from '../define.ts'

export const primaryIsolate = scenario({
  name: 'primary-isolate',
  title: "The primary's network fails for 30 s, and the primary runs on",
  tags: ['node'],
  faults: [fault('isolate', node('primary'), { lasting: 30 })],
  observe: 50,
  objectives: { recoverWithinMs: 10_000, lostWrites: 0, onePrimary: true },
})
