// Goal: a scenario in TypeScript that names what is not there, or tells a fault what it cannot be told, does not
// compile.
// Method: `tsc` reads these lines: each @ts-expect-error is an error of its own once the line below it compiles. Vitest
// runs what the same words do at run time.
import { expect, test } from 'vitest'
import * as api from '../../../chaos/api/scenarios.ts'
import * as defined from '../../../chaos/scenarios/define.ts'
import {
  all,
  fault,
  link,
  node,
  nodes,
  oneStandby,
  region,
  router,
  scenario,
  site,
  standbys,
  words,
  zone,
} from '../../../chaos/scenarios/define.ts'

const paris = words({
  regions: ['paris', 'rome'],
  zones: ['paris/1'],
  sites: ['paris', 'rome', 'hub'],
  links: ['paris-rome', 'hub-rome'],
  nodes: ['db-1'],
} as const)

/** Never called: the compiler is the one that reads it. */
export function _unknownNames(): unknown[] {
  return [
    // @ts-expect-error no such region
    region('eest'),
    // @ts-expect-error the witness is a site, not a region
    region('witness'),
    // @ts-expect-error no such site
    site('wintess'),
    // @ts-expect-error a site has no roles
    site('primary'),
    // @ts-expect-error a zone is "east/a"
    zone('a'),
    // @ts-expect-error no such node
    node('pg-east-c'),
    // @ts-expect-error roles stand alone
    nodes('pg-east-a', 'primary'),
    // @ts-expect-error no such region
    all('app', 'wets'),
    // @ts-expect-error no such role
    all('apps'),
    // @ts-expect-error no such router
    router('router-9'),
    // @ts-expect-error no link leads from the edge to the witness
    link('edge', 'witness'),
    // @ts-expect-error a link has two ends
    link('east'),
    // @ts-expect-error no such site
    link('east', 'wets'),
    // @ts-expect-error your own world has its own names
    paris.region('east'),
    // @ts-expect-error and its own links
    paris.link('paris', 'hub'),
    // @ts-expect-error and its own nodes
    paris.node('pg-east-a'),
  ]
}

export function _wrongOptions(): unknown[] {
  const target = link('east', 'west')
  return [
    // @ts-expect-error no such kind
    fault('blackhol', target, { lasting: 20 }),
    // @ts-expect-error a fault ends
    fault('kill', target, { at: 3 }),
    // @ts-expect-error slow must be told how slow
    fault('slow', target, { lasting: 20 }),
    // @ts-expect-error no such option
    fault('slow', target, { lasting: 20, latencyMs: 80, jitterMs: 5 }),
    // @ts-expect-error an option of another kind
    fault('kill', target, { lasting: 20, latencyMs: 80 }),
    // @ts-expect-error a number
    fault('slow', target, { lasting: 20, latencyMs: '80ms' }),
    // @ts-expect-error in or out
    fault('one-way', target, { lasting: 20, direction: 'sideways' }),
    // @ts-expect-error only what cuts can flap
    fault('flap', target, { lasting: 20, of: 'slow', downMs: 1_000, upMs: 1_000 }),
    // @ts-expect-error start or due
    fault('kill', target, { lasting: 20, resolve: 'later' }),
    // @ts-expect-error seconds are called lasting
    fault('kill', target, { forMs: 20_000 }),
    // @ts-expect-error no such objective
    scenario({ name: 'a', title: 'b', faults: [], observe: 5, objectives: { recoverWithin: '3s' } }),
    // @ts-expect-error objectives are not optional
    scenario({ name: 'a', title: 'b', faults: [], observe: 5 }),
  ]
}

test('what compiles says what it means', () => {
  expect([
    region('primary'),
    link('west', 'east'),
    link('primary', 'witness'),
    router('active'),
    all('app', 'other'),
    all('dcs'),
    paris.link('rome', 'hub'),
    standbys,
    oneStandby,
  ]).toEqual([
    { scope: 'region', name: 'primary' },
    { scope: 'link', sites: ['west', 'east'] },
    { scope: 'link', sites: ['primary', 'witness'] },
    { scope: 'router', name: 'active' },
    { scope: 'all', role: 'app', region: 'other' },
    { scope: 'all', role: 'dcs' },
    { scope: 'link', sites: ['rome', 'hub'] },
    { scope: 'standbys', which: 'all' },
    { scope: 'standbys', which: 'one' },
  ])
  expect(fault('slow', link('east', 'west'), { at: 1.5, lasting: 20, latencyMs: 80 })).toEqual({
    kind: 'slow',
    target: { scope: 'link', sites: ['east', 'west'] },
    atMs: 1_500,
    forMs: 20_000,
    resolve: 'start',
    with: { latencyMs: 80 },
  })
})

test('what must not compile is refused at run time too, where only the value can tell', () => {
  expect(() => _wrongOptions()).toThrow(/blackhol|Invalid/)
  expect(() => fault('slow', standbys, { lasting: 20, latencyMs: -1 })).toThrow(/Too small/)
  expect(() => scenario({ name: 'A b', title: 'b', faults: [], observe: 5, objectives: {} })).toThrow(
    /must match pattern/,
  )
})

test('a project that has Blackstart as a package gets every word', () => {
  expect(Object.keys(api)).toEqual(expect.arrayContaining(Object.keys(defined)))
})
