// Goal: a standby whose disk is full costs no client a write.
//
//   pg-east-a (primary)   pg-west-a: no space left on device
//
// Method: the disk of one standby in the other region is filled for 20 s. It cannot take what it is sent; quorum commit
// goes on with the others. Needs databases with disks of their own: `-f docker-compose.yml -f regions/small-disks.yml`.
import { fault, oneStandby, scenario } from '../define.ts'

export const standbyDiskFull = scenario({
  name: 'standby-disk-full',
  title: 'The disk of a standby in the other region is full for 20 s',
  tags: ['disk'],
  faults: [fault('disk-full', oneStandby, { lasting: 20 })],
  observe: 40,
  objectives: { recoverWithinMs: 15_000, lostWrites: 0, onePrimary: true, samePrimary: true },
})
