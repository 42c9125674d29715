// Goal: a primary that lost all of its standbys does not go on acknowledging what it alone has.
//
//   clients ─► router ─► primary ✕ 20 s, its disk is lost
//                           │ ✕
//                        three standbys, standing still, 0 to 25 s
//
// The story: on 31 January 2017 GitLab.com's only standby fell so far behind under load that it could not catch up, and was
// to be made anew. Tired, an engineer removed the directory of the primary in place of the standby's. 300 GB of data were
// there, 4.5 GB when it was noticed. The standby had been emptied, and none of five ways to make backups had worked. A
// snapshot that somebody had made six hours before, for tests, was what could be restored.
//
// Method: all standbys stand still for 25 s. After 20 s of that the primary dies, and its disk is emptied. As built a write
// is acknowledged only where a standby has it, so none is from the first second on; when the standbys go on, one of them takes
// over, once the lease of the dead primary has ended. With asynchronous replication the primary acknowledges for 20 s what no
// other node has.
import { fault, node, scenario, standbys } from '../define.ts'
import type { Incident } from './incident.ts'

export const gitlab2017: Incident = {
  scenario: scenario({
    name: 'gitlab-2017',
    title: 'All standbys stand still for 25 s; 20 s into that the primary dies and loses its disk',
    tags: ['incident', 'data'],
    faults: [fault('pause', standbys, { lasting: 25 }), fault('disk-loss', node('primary'), { at: 20, lasting: 30 })],
    observe: 80,
    objectives: { recoverAfterHealMs: 10_000, lostWrites: 0, onePrimary: true },
  }),
  happened: 'GitLab, 2017-01-31',
  damage: 'GitLab.com was away for some 18 hours, and six hours of data were lost for good',
  timeline: [
    { at: '21:00', what: 'load rises in the database; the standby falls behind' },
    { at: '23:00', what: 'the primary no longer has what the standby lacks, so the standby is to be copied anew' },
    { at: '23:30', what: "the directory of the primary is removed in place of the standby's" },
    { at: 'later', what: 'five kinds of backup turn out to be missing, empty or too old' },
    { at: '+18 h', what: 'GitLab.com is back, with a copy of the evening before' },
  ],
  sources: ['GitLab: Postmortem of database outage of January 31 (10 February 2017)'],
  worse: {
    file: 'regions/incidents/asynchronous.yml',
    what: 'replication is asynchronous',
    breaks: ['lostWrites'],
  },
}
