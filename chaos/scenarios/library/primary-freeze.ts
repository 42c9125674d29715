// Goal: a primary that was frozen, and wakes up after another took over, accepts no write.
//
//   pg-east-a (primary) ❚❚ …………… ▶ "I am primary"
//   pg-west-b           standby … primary
//
// Method: the freezer stops the primary and its Patroni for 32 s, longer than its lease. When they wake up they have
// neither lost a connection nor seen a clock jump: only the DCS, or a standby that no longer follows, can tell them.
import { fault, node, scenario } from '../define.ts'

export const primaryFreeze = scenario({
  name: 'primary-freeze',
  title: 'The primary freezes for 32 s, is replaced, and wakes up',
  tags: ['core', 'node', 'freeze'],
  faults: [fault('pause', node('primary'), { lasting: 32 })],
  observe: 50,
  objectives: { recoverWithinMs: 10_000, lostWrites: 0, onePrimary: true },
})
