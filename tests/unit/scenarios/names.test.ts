// Goal: a name that the world does not have is found before anything is broken; a role never is.
import { describe, expect, test } from 'vitest'
import { scenarios } from '../../../chaos/scenarios/library/index.ts'
import { checkNames } from '../../../chaos/scenarios/names.ts'
import { referenceWorld } from '../../../chaos/scenarios/reference.ts'

const at = (target: unknown, more: object = {}) => ({ faults: [{ kind: 'kill', target, ...more }] })

test.each(scenarios)('$name names only what the reference world has', (scenario) => {
  expect(checkNames(scenario, referenceWorld)).toEqual([])
})

describe('fine', () => {
  test.each([
    [{ scope: 'region', name: 'primary' }],
    [{ scope: 'region', name: 'other' }],
    [{ scope: 'region', name: 'west' }],
    [{ scope: 'site', name: 'witness' }],
    [{ scope: 'zone', name: 'primary' }],
    [{ scope: 'zone', name: 'neighbour' }],
    [{ scope: 'zone', name: 'other' }],
    [{ scope: 'zone', name: 'east/b' }],
    [{ scope: 'node', name: 'primary' }],
    [{ scope: 'node', name: 'etcd-witness' }],
    [{ scope: 'nodes', names: ['app-east-a', 'app-west-a'] }],
    [{ scope: 'router', name: 'active' }],
    [{ scope: 'router', name: 'router-1' }],
    [{ scope: 'all', role: 'dcs' }],
    [{ scope: 'all', role: 'app', region: 'other' }],
    [{ scope: 'all', role: 'app', region: 'west' }],
    [{ scope: 'standbys', which: 'all' }],
    [{ scope: 'dcsLeader' }],
    [{ scope: 'nothing' }],
    [{ scope: 'link', sites: ['west', 'east'] }],
    [{ scope: 'link', sites: ['primary', 'other'] }],
    [{ scope: 'link', sites: ['edge', 'primary'] }],
    [{ scope: 'link', sites: ['other', 'witness'] }],
  ])('%j', (target) => {
    expect(checkNames(at(target), referenceWorld)).toEqual([])
  })
})

describe('not there', () => {
  test.each<[object, (string | number)[], string]>([
    [{ scope: 'region', name: 'weste' }, ['name'], 'region "weste" is not known; did you mean "west"?'],
    [{ scope: 'region', name: 'active' }, ['name'], 'region "active" is not known'],
    [{ scope: 'site', name: 'witnes' }, ['name'], 'site "witnes" is not known; did you mean "witness"?'],
    [{ scope: 'site', name: 'primary' }, ['name'], "a role is a region's, so write scope: region"],
    [{ scope: 'zone', name: 'east-a' }, ['name'], 'zone "east-a" is not known; did you mean "east/a"?'],
    [{ scope: 'node', name: 'pg-east-c' }, ['name'], 'node "pg-east-c" is not known; did you mean "pg-east-a"?'],
    [{ scope: 'nodes', names: ['pg-east-a', 'primary'] }, ['names', 1], 'node "primary" is not known'],
    [{ scope: 'all', role: 'app', region: 'wets' }, ['region'], 'region "wets" is not known; did you mean "west"?'],
    [{ scope: 'router', name: 'router-9' }, ['name'], 'router "router-9" is not known; did you mean "router-1"?'],
    [{ scope: 'link', sites: ['east', 'wets'] }, ['sites', 1], 'site "wets" is not known; did you mean "west"?'],
    [{ scope: 'link', sites: ['edge', 'witness'] }, ['sites'], 'link "edge-witness" is not known'],
    [{ scope: 'link', sites: ['east', 'east'] }, ['sites'], 'link "east-east" is not known'],
    [{ scope: 'link', sites: ['primary', 'primary'] }, ['sites'], 'link "primary-primary" is not known'],
  ])('%j', (target, path, message) => {
    const problems = checkNames(at(target), referenceWorld)
    expect(problems.map((problem) => problem.path)).toEqual([['faults', 0, 'target', ...path]])
    expect(problems[0]?.message).toContain(message)
  })

  test('in the options of partial and switchover', () => {
    const target = { scope: 'region', name: 'primary' }
    expect(
      checkNames(at(target, { kind: 'partial', with: { from: ['other', 'witnes', 'edge'] } }), referenceWorld),
    ).toMatchObject([{ path: ['faults', 0, 'with', 'from', 1] }])
    expect(checkNames(at(target, { kind: 'switchover', with: { to: 'pg-west-c' } }), referenceWorld)).toMatchObject([
      { path: ['faults', 0, 'with', 'to'] },
    ])
    expect(checkNames(at(target, { kind: 'switchover', with: { to: 'other' } }), referenceWorld)).toEqual([])
  })
})

test('positions are added where there is a file to look them up in', () => {
  const problems = checkNames(at({ scope: 'region', name: 'eest' }), referenceWorld, (path) => ({
    line: path.length,
    column: 7,
  }))
  expect(problems.map((problem) => problem.position)).toEqual([{ line: 4, column: 7 }])
})

test('what is no target is not its business', () => {
  expect(
    checkNames(
      { faults: [null, 5, {}, { target: 'east' }, { target: { scope: 'planet', name: 'x' } }] },
      referenceWorld,
    ),
  ).toEqual([])
})

test('a world of your own has its own names, and sites may have "-" in them', () => {
  const own = {
    regions: ['eu-west', 'us-east'],
    zones: [],
    sites: ['eu-west', 'us-east'],
    links: ['eu-west-us-east'],
    nodes: ['db-1'],
  }
  expect(checkNames(at({ scope: 'link', sites: ['us-east', 'eu-west'] }), own)).toEqual([])
  expect(checkNames(at({ scope: 'region', name: 'east' }), own)).toHaveLength(1)
})
