// Goal: what holds for a cut wire holds for links that accept and swallow.
//
//   clients ─► router ─ … ─ east (primary) ─ … link … ─ west
//
// Method: as region-blackhole, but the links accept every connection and answer none: the kind of silence that
// connection limits do not notice.
import { fault, region, scenario } from '../define.ts'

export const regionHang = scenario({
  name: 'region-hang',
  title: "The links of the primary's region accept everything and answer nothing for 40 s",
  tags: ['region', 'partition'],
  faults: [fault('hang', region('primary'), { lasting: 40 })],
  observe: 60,
  objectives: { recoverWithinMs: 30_000, lostWrites: 0, onePrimary: true },
})
