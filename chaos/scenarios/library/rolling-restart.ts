// Goal: a rolling restart of every app replica costs no client a request.
//
//   app-east-a ▼▲
//   app-east-b      ▼▲
//   app-west-a           ▼▲
//   app-west-b                ▼▲
//
// Method: SIGTERM to one replica after the other; each finishes what it has begun and comes back before the next one
// goes.
import { rolling, scenario } from '../define.ts'

export const rollingRestart = scenario({
  name: 'rolling-restart',
  title: 'Every app replica is restarted, one after the other, under load',
  tags: ['core', 'app', 'planned'],
  faults: rolling(['app-east-a', 'app-east-b', 'app-west-a', 'app-west-b'], { every: 14, lasting: 4 }),
  observe: 62,
  objectives: { failedRequests: 0, lostWrites: 0, onePrimary: true, samePrimary: true },
})
