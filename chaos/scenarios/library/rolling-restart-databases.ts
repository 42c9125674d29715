// Goal: a rolling restart of every database costs no client a request, and there is never a second primary.
//
//   pg-west-b ▼▲
//   pg-west-a    ▼▲
//   pg-east-b       ▼▲
//   pg-east-a          ▼▲  the primary of a fresh world: it hands over first
//
// Method: SIGTERM to one database after the other. A standby leaves the quorum first; the primary hands over.
import { rolling, scenario } from '../define.ts'

export const rollingRestartDatabases = scenario({
  name: 'rolling-restart-databases',
  title: 'Every database is restarted, one after the other, under load',
  tags: ['core', 'database', 'planned'],
  faults: rolling(['pg-west-b', 'pg-west-a', 'pg-east-b', 'pg-east-a'], { every: 20, lasting: 8 }),
  observe: 84,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true },
})
