// Goal: a planned change of primary is hurried only when the old primary has let go of everybody, and to the node that
// was asked for.
import { describe, expect, test } from 'vitest'
import type { Standby } from '../../../services/arbiter/decide.ts'
import { decidePlanned, type PlannedEvidence } from '../../../services/arbiter/planned.ts'

const limits = { freshMs: 300 }

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
    streamedMs: 120,
    grewMs: 80,
    ...over,
  }
}

/** east-a was asked to hand over to west-a, and has shut down. */
function handingOver(): PlannedEvidence {
  return {
    cluster: {
      leader: 'east-a',
      sync: { leader: 'east-a', standbys: ['east-b', 'west-a', 'west-b'], quorum: 1 },
      quorumCommit: true,
      paused: false,
      wish: { leader: 'east-a', candidate: 'west-a' },
    },
    primary: { state: 'stopping', ageMs: 80 },
    primaryTimeline: 4,
    standbys: [standby('east-b'), standby('west-a'), standby('west-b')],
  }
}

test('the node that was asked for takes over', () => {
  expect(decidePlanned(handingOver(), limits)).toEqual({
    act: true,
    because: 'east-a was asked to hand over and has shut down; east-b, west-a, west-b have all it sent',
    successor: 'west-a',
  })
})

test('where none was asked for, one that has most', () => {
  const evidence = handingOver()
  evidence.cluster.wish = { leader: undefined, candidate: undefined }
  evidence.standbys[2]!.receivedBytes = 1_200
  expect(decidePlanned(evidence, limits)).toMatchObject({ act: true, successor: 'west-b' })
})

describe('one doubt is enough', () => {
  test.each<[string, RegExp, (evidence: PlannedEvidence) => void]>([
    [
      'nobody asked',
      /no change of primary was asked for/,
      ({ cluster }) => {
        cluster.wish = undefined
      },
    ],
    [
      'nobody holds the key',
      /no change of primary/,
      ({ cluster }) => {
        cluster.leader = undefined
      },
    ],
    [
      'it was asked of another',
      /west-b was to hand over/,
      ({ cluster }) => {
        cluster.wish!.leader = 'west-b'
      },
    ],
    [
      'the primary still runs',
      /east-a is running/,
      ({ primary }) => {
        primary!.state = 'running'
      },
    ],
    [
      'the primary was heard of long ago',
      /east-a has said nothing for 500 ms/,
      ({ primary }) => {
        primary!.ageMs = 500
      },
    ],
    [
      'the primary says nothing',
      /east-a has said nothing/,
      (evidence) => {
        evidence.primary = undefined
      },
    ],
    [
      'a standby still receives',
      /west-b still stream/,
      ({ standbys }) => {
        standbys[2]!.streaming = true
      },
    ],
    [
      'the successor lacks something',
      /west-a is not fit to take over/,
      ({ standbys }) => {
        standbys[0]!.receivedBytes = 1_001
      },
    ],
    [
      'the successor starts',
      /west-a is not fit/,
      ({ standbys }) => {
        standbys[1]!.state = 'starting'
      },
    ],
    [
      'the successor says nothing',
      /west-a is not fit/,
      ({ standbys }) => {
        standbys[1]!.ageMs = 400
      },
    ],
    [
      'the successor is on another timeline',
      /west-a is not fit/,
      ({ standbys }) => {
        standbys[1]!.timeline = 3
      },
    ],
    [
      'the successor is no voter',
      /west-a is not fit/,
      ({ cluster }) => {
        cluster.sync = { leader: 'east-a', standbys: ['east-b', 'west-b'], quorum: 1 }
      },
    ],
    [
      'the others are gone',
      /1 of 3 voters are fit/,
      ({ standbys }) => {
        standbys[0]!.ageMs = standbys[2]!.ageMs = 5_000
      },
    ],
    [
      'replication is asynchronous',
      /quorum commit/,
      ({ cluster }) => {
        cluster.quorumCommit = false
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
    const evidence = handingOver()
    change(evidence)
    expect(decidePlanned(evidence, limits)).toMatchObject({
      act: false,
      because: expect.stringMatching(reason) as string,
    })
  })
})
