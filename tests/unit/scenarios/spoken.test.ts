// Goal: what is typed on a command line means what a scenario would say, and what means nothing is told with the
// nearest name.
import { describe, expect, test } from 'vitest'
import { fault, link, node, region } from '../../../chaos/scenarios/define.ts'
import { referenceWorld } from '../../../chaos/scenarios/reference.ts'
import { parseFault, parseLength, parseTarget, usageOf } from '../../../chaos/scenarios/spoken.ts'

describe('a length', () => {
  test.each([
    ['30s', 30_000],
    ['500ms', 500],
    ['1.5m', 90_000],
    ['2min', 120_000],
    [' 1h ', 3_600_000],
  ])('%s', (text, lengthMs) => {
    expect(parseLength(text)).toBe(lengthMs)
  })
  test.each(['30', 's', '-1s', '0s', '', '1 day', '1e3s'])('%j is none', (text) => {
    expect(() => parseLength(text)).toThrow(/is no length of time.*such as 30s/)
  })
})

describe('a target', () => {
  test.each([
    ['region:primary', { scope: 'region', name: 'primary' }],
    ["region('other')", { scope: 'region', name: 'other' }],
    ['link("east", "west")', { scope: 'link', sites: ['east', 'west'] }],
    ['link:primary-other', { scope: 'link', sites: ['primary', 'other'] }],
    ['link:west,witness', { scope: 'link', sites: ['west', 'witness'] }],
    ['zone:east/a', { scope: 'zone', name: 'east/a' }],
    ['nodes:etcd-west,etcd-witness', { scope: 'nodes', names: ['etcd-west', 'etcd-witness'] }],
    ['zone:neighbour', { scope: 'zone', name: 'neighbour' }],
    ['all:dcs', { scope: 'all', role: 'dcs' }],
    ['all:app,west', { scope: 'all', role: 'app', region: 'west' }],
    ["all('store', 'primary')", { scope: 'all', role: 'store', region: 'primary' }],
    ['router:active', { scope: 'router', name: 'active' }],
    ['standbys', { scope: 'standbys', which: 'all' }],
    ['standbys:one', { scope: 'standbys', which: 'one' }],
    ['dcsLeader', { scope: 'dcsLeader' }],
    ['dcsLeader()', { scope: 'dcsLeader' }],
    ['primary', { scope: 'node', name: 'primary' }],
    ['nothing', { scope: 'nothing' }],
    ['east', { scope: 'region', name: 'east' }],
    ['witness', { scope: 'site', name: 'witness' }],
    ['west/b', { scope: 'zone', name: 'west/b' }],
    ['pg-east-a', { scope: 'node', name: 'pg-east-a' }],
    ['east-witness', { scope: 'link', sites: ['east', 'witness'] }],
  ])('%s', (text, target) => {
    expect(parseTarget(text, referenceWorld)).toEqual(target)
  })

  test('of sites whose names hold "-" is told apart by the sites that there are', () => {
    const names = { regions: ['eu-1', 'us-1'], zones: [], sites: ['eu-1', 'us-1'], links: ['eu-1-us-1'], nodes: [] }
    expect(parseTarget('link:eu-1-us-1', names)).toEqual({ scope: 'link', sites: ['eu-1', 'us-1'] })
  })

  test.each([
    ['eest', /target "eest" is not known; did you mean "east"\?.*by role: region:primary/],
    ['regoin:east', /target "regoin" is not known; did you mean "region"\?/],
    ['all:apps', /role "apps" is not known; did you mean "app"/],
    ['all:', /role "" is not known/],
    ['all', /target "all" is not known/],
    ['link:east', /"east" is no link/],
  ])('%s is none', (text, message) => {
    expect(() => parseTarget(text, referenceWorld)).toThrow(message)
  })
})

describe('a fault', () => {
  const parsed = (kind: string, target: string, ...told: string[]) => parseFault({ kind, target, told }, referenceWorld)

  test.each([
    [parsed('kill', 'region:primary'), fault('kill', region('primary'), { lasting: 1 })],
    [parsed('slow', 'east-west', 'latencyMs=80ms'), fault('slow', link('east', 'west'), { lasting: 1, latencyMs: 80 })],
    [parsed('slow', 'east-west', 'latencyMs=80'), fault('slow', link('east', 'west'), { lasting: 1, latencyMs: 80 })],
    [parsed('one-way', 'east', 'direction=out'), fault('one-way', region('east'), { lasting: 1, direction: 'out' })],
    [
      parsed('partial', 'east', 'from=west,witness'),
      fault('partial', region('east'), { lasting: 1, from: ['west', 'witness'] }),
    ],
    [
      parsed('flap', 'east', 'of=hang', 'downMs=2s', 'upMs=1s'),
      fault('flap', region('east'), { lasting: 1, of: 'hang', downMs: 2_000, upMs: 1_000 }),
    ],
    [
      parsed('cpu-starve', 'app-east-a', 'cores=0.1'),
      fault('cpu-starve', node('app-east-a'), { lasting: 1, cores: 0.1 }),
    ],
  ])('%j', (typed, { kind, target, with: options }) => {
    expect(typed).toEqual({ kind, target, ...(options && { with: options }) })
  })

  test.each([
    [() => parsed('kil', 'east'), /fault kind "kil" is not known; did you mean "kill"\?/],
    [() => parsed('kill', 'node:pg-east-c'), /node "pg-east-c" is not known; did you mean "pg-east-/],
    [() => parsed('slow', 'east-west'), /slow needs latencyMs.*\noptions of slow: --with latencyMs=<length>/s],
    [() => parsed('slow', 'east-west', 'latency=80'), /key "latency" is not known; did you mean "latencyMs"/],
    [() => parsed('slow', 'east-west', '80ms'), /--with 80ms: expected <key>=<value>; slow takes/],
    [() => parsed('kill', 'east', 'fast=yes'), /kill has no options/],
    [() => parsed('one-way', 'east', 'direction=up'), /direction "up" is not known.*\(available: in, out\)/],
    [
      () => parsed('slow', 'pg-east-a', 'latencyMs=80'),
      /slow acts on links: give it a region, a site or a link, not node pg-east-a/,
    ],
    [() => parsed('kill', 'east-west'), /kill acts on nodes/],
    [() => parsed('switchover', 'east', 'to=other'), /switchover asks one database to hand over/],
    [() => parsed('partial', 'east', 'from=east'), /from: region east cannot be cut off from itself/],
    [() => parsed('partial', 'witness', 'from=edge'), /from: no link leads from witness to edge/],
    [() => parsed('slow', 'east-west', 'latencyMs=1h'), /latencyMs: 3600000 is too big; it must be at most 600000 ms/],
    [() => parsed('slow', 'east-west', 'latencyMs=1e9'), /"1e9" is no length of time/],
    [() => parsed('partial', 'east', 'from=wets'), /site "wets" is not known; did you mean "west"\?/],
  ])('%# is none, and says why', (typed, message) => {
    expect(typed).toThrow(message)
  })

  test('its usage names what it is told', () => {
    expect(usageOf('flap')).toBe('--with of=blackhole|hang|refuse --with downMs=<length> --with upMs=<length>')
    expect(usageOf('loss')).toBe('--with share=<value> [--with direction=in|out]')
    expect(usageOf('kill')).toBe('')
  })
})
