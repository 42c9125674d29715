// Goal: what Patroni and etcd say is understood, and what cannot be read keeps the arbiter from acting.
import { expect, test } from 'vitest'
import { parseReport } from '../../../services/arbiter/asker.ts'
import { clusterOf } from '../../../services/arbiter/etcd.ts'

const keysOf = (values: Record<string, string>) =>
  new Map(Object.entries(values).map(([key, value]) => [key, { value, revision: '1' }]))

test("Patroni's keys", () => {
  const sync = '{"leader":"a","sync_standby":"b,c,d","quorum":1}'
  expect(clusterOf(keysOf({ leader: 'a', sync, config: '{"synchronous_mode":"quorum"}' }))).toEqual({
    leader: 'a',
    sync: { leader: 'a', standbys: ['b', 'c', 'd'], quorum: 1 },
    quorumCommit: true,
    paused: false,
    wish: undefined,
  })
  expect(clusterOf(keysOf({ failover: '{}' }))).toMatchObject({ wish: undefined })
  expect(
    clusterOf(keysOf({ failover: '{"leader":"a","member":"b"}', config: '{"synchronous_mode":true,"pause":true}' })),
  ).toMatchObject({
    leader: undefined,
    sync: undefined,
    quorumCommit: false,
    paused: true,
    wish: { leader: 'a', candidate: 'b' },
  })
  expect(clusterOf(keysOf({ failover: '{"leader":"a","member":""}' }))).toMatchObject({
    wish: { leader: 'a', candidate: undefined },
  })
})

test.each(['', '{', 'null', '"a"', '{}', '{"leader":null}'])('an unreadable /sync, %j, is none', (sync) => {
  expect(clusterOf(keysOf({ sync })).sync).toBeUndefined()
})

test("a node's report", () => {
  const standby =
    '{"state":"running","role":"replica","timeline":3,"replication_state":"streaming","xlog":{"received_location":70,"replayed_location":60}}'
  expect(parseReport(standby)).toEqual({
    state: 'running',
    role: 'replica',
    timeline: 3,
    receivedBytes: 70,
    streaming: true,
  })
  expect(parseReport('{"state":"running","role":"primary","timeline":3,"xlog":{"location":90}}')).toMatchObject({
    receivedBytes: 90,
    streaming: false,
  })
  expect(parseReport('{"state":"starting","role":"replica"}')).toEqual({
    state: 'starting',
    role: 'replica',
    timeline: null,
    receivedBytes: 0,
    streaming: false,
  })
})

test.each(['', 'not found', 'null', '[]', '{"state":"running"}'])('no report: %j', (text) => {
  expect(parseReport(text)).toBeUndefined()
})
