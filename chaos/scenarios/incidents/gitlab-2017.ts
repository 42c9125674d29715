// Goal: what was acknowledged while no standby kept up is not gone when the primary loses its disk, for nothing was.
//
//   clients ─► router ─► primary ✕ (disk)    standby ‖   standby ‖   standby ‖
//
// The story: on 31 January 2017 load made GitLab's only standby fall so far behind that it had to be built anew. While an
// engineer worked on that he removed a data directory, and it was the primary's. Of five ways to back up none had worked;
// a snapshot of six hours before, taken by chance, was what there was.
//
// Method: all standbys stand still, as if they could not keep up. 20 s later the primary dies with its disk. The standbys
// go on 5 s after that, and the old primary comes back empty. As built no write is acknowledged that no standby has, so
// writes stop with the standbys, and nothing that was acknowledged is lost. With asynchronous replication the primary
// acknowledges for 20 s what nobody else will ever have.
import { fault, node, scenario, standbys } from '../define.ts'
import type { Incident } from './incident.ts'

export const gitlab2017: Incident = {
  scenario: scenario({
    name: 'gitlab-2017',
    title: 'No standby keeps up, and after 20 s of that the primary loses its disk',
    tags: ['incident', 'disk'],
    faults: [fault('pause', standbys, { lasting: 25 }), fault('disk-loss', node('primary'), { at: 20, lasting: 25 })],
    observe: 90,
    objectives: { recoverWithinMs: 60_000, lostWrites: 0, onePrimary: true, takeOvers: 1 },
  }),
  happened: 'GitLab, 2017-01-31',
  damage: 'GitLab.com was away for some 18 hours, and 6 hours of writes were lost',
  timeline: [
    { at: '19:00', what: 'load, part of it spam, makes the standby fall behind' },
    { at: '23:00', what: 'the standby is too far behind to catch up; its data is removed, to copy it anew' },
    {
      at: '23:27',
      what: 'the same command is given on the primary by mistake, and is stopped after a second or two: 4.5 GB of 300 are left',
    },
    { at: '+18 h', what: 'the copy of a snapshot is in place, six hours old' },
  ],
  sources: ['GitLab: Postmortem of database outage of January 31 (10 February 2017)'],
  worse: {
    file: 'regions/incidents/asynchronous.yml',
    what: 'replication is asynchronous',
    breaks: ['lostWrites'],
  },
}
