// Goal: the arbiter acts only on evidence that several sites agree on, and every doubt alone keeps it from acting.
import { describe, expect, test } from 'vitest'
import { decide, type Evidence, type Limits, type Standby, successorSync } from '../../../services/arbiter/decide.ts'

const limits: Limits = { detectMs: 600, freshMs: 300, asks: 3, agree: 'all' }

function standby(name: string, over: Partial<Standby> = {}): Standby {
  return {
    name,
    site: name.split('-')[0]!,
    ageMs: 90,
    state: 'running',
    role: 'replica',
    timeline: 4,
    receivedBytes: 1_000,
    streaming: false,
    streamedMs: 700,
    grewMs: 640,
    ...over,
  }
}

/** The whole of east is gone: its primary, the standby beside it, and its lookout. */
function regionLost(): Evidence {
  return {
    cluster: {
      leader: 'east-a',
      sync: { leader: 'east-a', standbys: ['east-b', 'west-a', 'west-b'], quorum: 1 },
      quorumCommit: true,
      paused: false,
      wish: undefined,
    },
    primaryTimeline: 4,
    views: [
      { site: 'witness', ageMs: 0, silentMs: 420, asked: 6, stalledMs: 4 },
      { site: 'west', ageMs: 60, silentMs: 400, asked: 5, stalledMs: 3 },
    ],
    home: { site: 'east', ageMs: 650, silentMs: 780, asked: 0, stalledMs: 2 },
    standbys: [standby('east-b', { ageMs: 700 }), standby('west-a'), standby('west-b', { receivedBytes: 1_200 })],
  }
}

function because(evidence: Evidence): string {
  const decision = decide(evidence, limits)
  return decision.act ? 'acts' : decision.because
}

describe('a region that everybody lost', () => {
  test('is replaced by those who hold every acknowledged write', () => {
    expect(decide(regionLost(), limits)).toEqual({
      act: true,
      because: 'witness and west lost east-a; west-a, west-b hold every acknowledged write',
      successor: 'west-b',
      sync: { leader: 'departed-1', standbys: ['west-b', 'west-a'], quorum: 1 },
    })
  })

  test('also where only the primary is gone, by the word of its own region', () => {
    const evidence = regionLost()
    evidence.home = { site: 'east', ageMs: 50, silentMs: 650, asked: 7, stalledMs: 5 }
    evidence.standbys[0] = standby('east-b')
    expect(decide(evidence, limits)).toMatchObject({
      act: true,
      successor: 'west-b',
      sync: { leader: 'departed-1', standbys: ['west-b', 'east-b', 'west-a'], quorum: 1 },
    })
    evidence.standbys[2]!.receivedBytes = 1_000
    expect(decide(evidence, limits), 'of equals, the one beside it').toMatchObject({ act: true, successor: 'east-b' })
  })
})

test('a primary that dies after it was asked to hand over is lost like any other', () => {
  const evidence = regionLost()
  evidence.cluster.wish = { leader: 'east-a', candidate: 'west-a' }
  expect(because(evidence)).toBe('acts')
})

describe('one doubt is enough', () => {
  test.each<[string, RegExp, (evidence: Evidence) => void]>([
    [
      'the other region hears the primary',
      /west has asked the primary in vain for 40 ms only/,
      ({ views }) => {
        views[1]!.silentMs = 40
      },
    ],
    [
      'the witness hears the primary',
      /witness has asked the primary in vain for 75 ms only/,
      ({ views }) => {
        views[0]!.silentMs = 75
      },
    ],
    [
      'its own region hears the primary',
      /its own region heard of the primary 120 ms ago/,
      ({ home }) => {
        home.silentMs = 120
      },
    ],
    [
      'the other region says nothing itself',
      /west has said nothing for 400 ms/,
      ({ views }) => {
        views[1]!.ageMs = 400
      },
    ],
    [
      'the other region has not been asked',
      /only one site looks/,
      ({ views }) => {
        views.pop()
      },
    ],
    [
      'the witness stood still',
      /witness stood still for 350 ms itself/,
      ({ views }) => {
        views[0]!.stalledMs = 350
      },
    ],
    [
      'the other region stood still',
      /west stood still for 350 ms itself/,
      ({ views }) => {
        views[1]!.stalledMs = 350
      },
    ],
    [
      "the primary's region answers, but stood still",
      /region stood still for 500 ms/,
      ({ home }) => {
        home.ageMs = 10
        home.stalledMs = 500
      },
    ],
    [
      'it was asked once only',
      /asked 1 times only/,
      ({ views }) => {
        views[1]!.asked = 1
      },
    ],
    [
      'a survivor has just been fed by it',
      /west-b had more of it 210 ms ago/,
      ({ standbys }) => {
        standbys[2]!.grewMs = 210
      },
    ],
    [
      'a survivor is still catching up',
      /west-b did not follow the primary when it went/,
      ({ standbys }) => {
        standbys[2]!.streamedMs = null
      },
    ],
    [
      'a survivor stopped following long ago',
      /west-b did not follow/,
      ({ standbys }) => {
        standbys[2]!.streamedMs = 5_000
      },
    ],
    [
      'a survivor starts',
      /west-a is starting/,
      ({ standbys }) => {
        standbys[1]!.state = 'starting'
      },
    ],
    [
      'a survivor is primary itself',
      /west-a is primary/,
      ({ standbys }) => {
        standbys[1]!.role = 'primary'
      },
    ],
    [
      'a survivor is on another timeline',
      /west-a is on timeline 3, the primary on 4/,
      ({ standbys }) => {
        standbys[1]!.timeline = 3
      },
    ],
    [
      'a survivor says nothing',
      /west-a has said nothing/,
      ({ standbys }) => {
        standbys[1]!.ageMs = 500
      },
    ],
    [
      'a survivor is no voter',
      /1 of 2 voters count/,
      ({ cluster }) => {
        cluster.sync = { leader: 'east-a', standbys: ['east-b', 'west-a'], quorum: 0 }
      },
    ],
    [
      'replication is asynchronous',
      /quorum commit is not in force/,
      ({ cluster }) => {
        cluster.quorumCommit = false
      },
    ],
    [
      '/sync is of another primary',
      /\/sync is of west-a/,
      ({ cluster }) => {
        cluster.sync!.leader = 'west-a'
      },
    ],
    [
      'nobody holds the key',
      /nobody holds the leader key/,
      ({ cluster }) => {
        cluster.leader = undefined
      },
    ],
    [
      'Patroni is paused',
      /paused/,
      ({ cluster }) => {
        cluster.paused = true
      },
    ],
  ])('%s', (_name, reason, change) => {
    const evidence = regionLost()
    change(evidence)
    expect(because(evidence)).toMatch(reason)
  })
})

test('planted defect: without corroboration, the witness alone deposes a primary that everybody else sees', () => {
  const evidence = regionLost()
  evidence.views[1]!.silentMs = 40
  expect(decide(evidence, limits).act).toBe(false)
  expect(decide(evidence, { ...limits, agree: 'any' }).act).toBe(true)
})

describe('/sync for the survivors', () => {
  const sync = { leader: 'p', standbys: ['a', 'b', 'c'], quorum: 1 }
  /** What Patroni makes of it: how many standbys the new primary waits for. */
  const copiesOf = (after: typeof sync): number => 1 + after.standbys.length - after.quorum - 1

  test.each([
    [['b', 'c'], 1],
    [['a', 'b', 'c'], 2],
  ])('%j commit with %i more copies', (names, copies) => {
    const after = successorSync(
      sync,
      names.map((name) => standby(name)),
    )
    expect(copiesOf(after)).toBe(copies)
    expect(after.quorum, 'as many votes as before').toBe(1)
    expect(after.leader, 'nobody is taken for having everything').toBe('departed-1')
  })

  test('the one with the most comes first', () => {
    expect(successorSync(sync, [standby('b'), standby('c', { receivedBytes: 2_000 })]).standbys).toEqual(['c', 'b'])
  })

  test('where every voter has everything, any of them may lead', () => {
    expect(successorSync({ leader: 'p', standbys: ['a', 'b'], quorum: 0 }, [standby('a'), standby('b')])).toEqual({
      leader: 'a',
      standbys: ['b'],
      quorum: 0,
    })
  })
})
