// Goal: whoever writes a scenario by hand is told every mistake at once, where it is, and what was probably meant.
// Method: one good file, broken in one way at a time; then at random.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UsageError } from '../../../chaos/errors.ts'
import { fault, link, region, scenario } from '../../../chaos/scenarios/define.ts'
import { referenceWorld } from '../../../chaos/scenarios/reference.ts'
import { parseScenario } from '../../../chaos/scenarios/yaml.ts'

const good = `# A drill
name: cut
title: The link is slow, then the region dies
tags: [drill]
load: { ratePerSecond: 20 }
faults:
  - kind: slow
    target: { scope: link, sites: [east, west] }
    forMs: 45000
    with: { latencyMs: 80 }
  - kind: kill
    target:
      scope: region
      name: primary
    atMs: 3000
    forMs: 42000
    resolve: due
observeMs: 65000
objectives:
  recoverWithinMs: 35000
  lostWrites: 0
`

function refusal(text: string): string {
  try {
    parseScenario(text, 'drills/cut.yaml', referenceWorld)
  } catch (error) {
    if (error instanceof UsageError) return error.message
    throw error
  }
  return 'nothing'
}

test('a file says what the words say, with the same defaults', () => {
  expect(parseScenario(good, 'drills/cut.yaml', referenceWorld)).toEqual(
    scenario({
      name: 'cut',
      title: 'The link is slow, then the region dies',
      tags: ['drill'],
      load: { ratePerSecond: 20 },
      faults: [
        fault('slow', link('east', 'west'), { lasting: 45, latencyMs: 80 }),
        fault('kill', region('primary'), { at: 3, lasting: 42, resolve: 'due' }),
      ],
      observe: 65,
      objectives: { recoverWithinMs: 35_000, lostWrites: 0 },
    }),
  )
})

test.each([
  [
    'anchors and aliases',
    good
      .replace('[drill]', '&tags [drill]')
      .replace('name: cut', 'name: &name cut')
      .replace('title: The link is slow, then the region dies', 'title: *name'),
  ],
  ['Windows line ends', good.replaceAll('\n', '\r\n')],
  ['a byte order mark', `\uFEFF${good}`],
  ['a document start and end', `---\n${good}...\n`],
  [
    'JSON',
    JSON.stringify({
      name: 'a',
      title: 'b',
      faults: [{ kind: 'none', target: { scope: 'nothing' }, forMs: 1 }],
      observeMs: 1,
      objectives: {},
    }),
  ],
])('%s are fine', (_what, text) => {
  expect(refusal(text)).toBe('nothing')
})

const changed = (from: string, to: string): string => {
  if (!good.includes(from)) throw new Error(`the good file does not hold ${from}`)
  return good.replace(from, to)
}

describe('each mistake has its line, its column and the nearest valid name', () => {
  test.each<[string, string, string]>([
    [
      'a fault kind',
      changed('kind: kill', 'kind: kil'),
      '11:11: fault kind "kil" is not known; did you mean "kill"? (available: none, kill, pause,',
    ],
    [
      'a fault kind far from any',
      changed('kind: kill', 'kind: armageddon'),
      '11:11: fault kind "armageddon" is not known (available: none,',
    ],
    [
      'a fault kind that is a number',
      changed('kind: kill', 'kind: 5'),
      '11:11: fault kind: expected one of none, kill',
    ],
    ['no fault kind', changed('kind: kill\n    target', 'target'), '11:5: kind is missing (available: none, kill'],
    [
      'a scope',
      changed('scope: region', 'scope: regio'),
      '13:14: target scope "regio" is not known; did you mean "region"? (available: region, site',
    ],
    ['no scope', changed('      scope: region\n', ''), '13:7: scope is missing (available: region'],
    [
      'an enum',
      changed('resolve: due', 'resolve: dew'),
      '17:14: resolve "dew" is not known; did you mean "due"? (available: start, due)',
    ],
    ['a key of the scenario', changed('load:', 'laod:'), '5:1: key "laod" is not known; did you mean "load"?'],
    [
      'a key of the load',
      changed('ratePerSecond', 'ratePerSec'),
      '5:9: key "ratePerSec" is not known; did you mean "ratePerSecond"?',
    ],
    [
      'a key of a fault',
      changed('atMs', 'atMS'),
      '15:5: key "atMS" is not known; did you mean "atMs"? (available: kind, target, atMs, forMs, resolve, with)',
    ],
    [
      'a key of a target',
      changed('name: primary', 'names: primary'),
      '14:7: key "names" is not known; did you mean "name"? (available: scope, name)',
    ],
    [
      'a key of the objectives',
      changed('lostWrites', 'lostwrites'),
      '21:3: key "lostwrites" is not known; did you mean "lostWrites"?',
    ],
    [
      'a key of the options',
      changed('latencyMs', 'latency'),
      '10:13: key "latency" is not known; did you mean "latencyMs"? (available: latencyMs)',
    ],
    [
      'a word of TypeScript',
      changed('forMs: 42000', 'lasting: 42'),
      '16:5: key "lasting" is not known; did you mean "forMs", in milliseconds?',
    ],
    [
      'an option beside its place',
      changed('    with: { latencyMs: 80 }', '    with: { latencyMs: 80 }\n    latencyMs: 80'),
      '11:5: key "latencyMs" belongs under "with"',
    ],
    [
      'an option for a kind that has none',
      changed('resolve: due', 'with: { hard: true }'),
      '17:13: key "hard" is not known: kill has no options',
    ],
    ['no options', changed('    with: { latencyMs: 80 }\n', ''), '7:5: with is missing: slow needs latencyMs'],
    [
      'a missing option',
      changed('latencyMs: 80', ''),
      '10:11: latencyMs is missing: expected a number, in milliseconds',
    ],
    [
      'a unit',
      changed('45000', '45s'),
      '9:12: forMs: expected a number, found "45s" (a text); times are in milliseconds: 45000',
    ],
    ['a unit of minutes', changed('45000', '1.5 min'), 'times are in milliseconds: 90000'],
    [
      'a number in quotes',
      changed('45000', '"45000"'),
      '9:12: forMs: expected a number, found "45000" (a text); write it without quotes',
    ],
    [
      'a text that looks like a number',
      changed('The link is slow, then the region dies', '5'),
      '3:8: title: expected a text, found 5 (a number); put it in quotes',
    ],
    ['a tag that looks like a number', changed('[drill]', '[drill, 5]'), '4:15: tags[1]: expected a text, found 5'],
    ['a list where a map is', changed('{ ratePerSecond: 20 }', '[20]'), '5:7: load: expected a map, found a list'],
    ['a map where a list is', changed('[drill]', '{ drill: true }'), '4:7: tags: expected a list, found a map'],
    [
      'nothing where a map is',
      changed('objectives:\n  recoverWithinMs: 35000\n  lostWrites: 0\n', 'objectives:\n'),
      '19:1: objectives: expected a map, found nothing; {} is an empty map',
    ],
    [
      'a yes',
      changed('lostWrites: 0', 'onePrimary: yes'),
      '21:15: onePrimary: expected true or false, found "yes" (a text)',
    ],
    [
      'nothing like a duration',
      changed('forMs: 42000', 'forMs: 0'),
      '16:12: forMs: 0 is too small; it must be more than 0 ms',
    ],
    ['infinity', changed('forMs: 42000', 'forMs: .inf'), '16:12: forMs: expected a number, found Infinity'],
    [
      'a fraction of a write',
      changed('lostWrites: 0', 'lostWrites: 0.5'),
      '21:15: lostWrites: expected a whole number, found 0.5',
    ],
    [
      'too much',
      changed('latencyMs: 80', 'latencyMs: 8e9'),
      '10:24: latencyMs: 8000000000 is too big; it must be at most 600000 ms',
    ],
    [
      'a fault of a month',
      changed('forMs: 42000', 'forMs: 3000000000'),
      '16:12: forMs: 3000000000 is too big; it must be at most 86400000 ms',
    ],
    [
      'half a request',
      changed('ratePerSecond: 20', 'ratePerSecond: 12.5'),
      '5:24: ratePerSecond: expected a whole number, found 12.5',
    ],
    [
      'half a millisecond for a proxy',
      changed('latencyMs: 80', 'latencyMs: 80.5'),
      '10:24: latencyMs: expected a whole number, found 80.5',
    ],
    [
      'a name of 300 characters',
      changed('name: cut', `name: ${'x'.repeat(300)}`),
      '2:7: name: 300 characters are too many; it must be at most 64',
    ],
    [
      'a title like a book',
      changed('The link is slow', 'x'.repeat(3_000)),
      '3:8: title: 3022 characters are too many; it must be at most 300',
    ],
    [
      'a fault of links on nodes',
      changed('scope: link, sites: [east, west]', 'scope: node, name: primary'),
      '8:13: slow acts on links: give it a region, a site or a link, not the primary',
    ],
    [
      'a fault of nodes on a link',
      changed('scope: region\n      name: primary', 'scope: link\n      sites: [east, west]'),
      '13:7: kill acts on nodes: give it a region, a zone or a node, not the link east-west; links take blackhole, hang or refuse',
    ],
    [
      'a fault after the load',
      changed('atMs: 3000', 'atMs: 65000'),
      '15:11: atMs: the fault is due at 65000 ms, when the load has ended (observeMs is 65000 ms)',
    ],
    [
      'recovery that nobody sees',
      changed('recoverWithinMs: 35000', 'recoverWithinMs: 65001'),
      '20:20: recoverWithinMs: 65001 ms is later than the end of the observation',
    ],
    [
      'more requests than a trial takes',
      changed('ratePerSecond: 20', 'ratePerSecond: 10000').replace('observeMs: 65000', 'observeMs: 600000'),
      '5:24: ratePerSecond: over steadyMs and observeMs it makes 6050000 requests; one trial takes at most 5000000',
    ],
    [
      'a share',
      changed('ratePerSecond: 20', 'writeShare: 50'),
      '5:21: writeShare: 50 is too big; it must be at most 1',
    ],
    ['a link with one end', changed('[east, west]', '[east]'), '8:35: sites: expected at least 2 items, found 1'],
    [
      'a link with three ends',
      changed('[east, west]', '[east, west, edge]'),
      '8:35: sites: expected at most 2 items, found 3',
    ],
    [
      'no faults',
      `name: a\ntitle: b\nfaults: []\nobserveMs: 1\nobjectives: {}\n`,
      '3:9: faults: expected at least 1 item, found 0',
    ],
    [
      'a name that no folder can have',
      changed('name: cut', `name: ${'a'.repeat(65)}`),
      '2:7: name: 65 characters are too many; it must be at most 64',
    ],
    ['a name with capitals', changed('name: cut', 'name: The Cut'), '2:7: name: "The Cut" does not fit'],
    [
      'a missing title',
      changed('title: The link is slow, then the region dies\n', ''),
      '2:1: title is missing: expected a text',
    ],
    [
      'a region that is not there',
      changed('name: primary', 'name: eest'),
      '14:13: region "eest" is not known; did you mean "east"? (available: primary, other, east, west)',
    ],
    ['a link that is not there', changed('[east, west]', '[edge, witness]'), '8:35: link "edge-witness" is not known'],
    [
      'a site that is not there',
      changed('[east, west]', '[east, wets]'),
      '8:42: site "wets" is not known; did you mean "west"?',
    ],
    ['a prototype', `${good}__proto__: { a: 1 }\n`, '22:1: key "__proto__" is not known'],
  ])('%s', (_what, text, message) => {
    const said = refusal(text)
    expect(said).toContain(message)
    expect(said.split('\n')[0]).toMatch(/^drills\/cut\.yaml:\d+:\d+: /)
  })
})

describe('what is no scenario at all', () => {
  test.each<[string, string, string]>([
    ['an empty file', '', '1:1: the file is empty'],
    ['comments alone', '# later\n\n', '1:1: the file is empty'],
    ['an empty document', '---\n', '1:1: the file is empty'],
    ['a list', '- kind: kill\n', '1:1: a scenario is a map (name: …, title: …, faults: …), but this is a list'],
    ['a word', 'region-kill\n', '1:1: a scenario is a map (name: …, title: …, faults: …), but this is a single value'],
    ['two documents', `${good}---\n${good}`, '22:1: a second document starts here, but a file holds one scenario'],
    ['a key twice', `${good}title: again\n`, '22:1: key "title" is there twice'],
    [
      'a colon in a text',
      changed('slow, then', 'slow: then'),
      '3:8: not YAML: a map starts in the middle of a line; a text with ": " in it must stand in quotes',
    ],
    ['tabs', good.replace('  - kind: slow', '\t- kind: slow'), '7:1: not YAML: tabs cannot indent; use spaces'],
    [
      'an open bracket',
      changed('[drill]', '[drill'),
      'not YAML: flow sequence in block collection must be sufficiently indented and end with a ]',
    ],
    ['an open quote', changed('The link', '"The link'), 'not YAML: missing closing "quote'],
    ['a tag', changed('name: cut', 'name: !ours cut'), '2:7: not YAML: unresolved tag: !ours'],
    ['a map as a key', `${good}? [a]\n: 3\n`, '22:3: not YAML that a scenario can be: keys are plain names'],
    [
      'an alias of nothing',
      changed('name: cut', 'name: *ct'),
      '2:7: the alias *ct stands for nothing: no anchor &ct comes before it',
    ],
    ['an alias of itself', `${good}more: &more [*more]\n`, '22:14: the alias *more stands for what it is a part of'],
    ['too deep', '['.repeat(20_000), 'nested too deeply for a scenario'],
    ['too long', `# ${'x'.repeat(600_000)}`, 'drills/cut.yaml: 600002 characters are too many for a scenario'],
  ])('%s', (_what, text, message) => {
    expect(refusal(text)).toContain(message)
  })

  test('a bomb of aliases is refused in no time', () => {
    const levels = Array.from(
      { length: 12 },
      (_, n) => `l${n + 1}: &l${n + 1} [${Array.from({ length: 9 }, () => `*l${n}`).join(', ')}]`,
    )
    const startMs = performance.now()
    expect(refusal(`l0: &l0 [lol]\n${levels.join('\n')}\n`)).toContain('2:10: its aliases stand for too much')
    expect(performance.now() - startMs, 'written out it would take hours').toBeLessThan(20_000)
  })
})

describe('all mistakes of a file', () => {
  test('are told together, in the order of the file, schema and names alike', () => {
    const text = good
      .replace('name: primary', 'name: eest')
      .replace('name: cut', 'name: C')
      .replace('kind: slow', 'kind: slo')
      .replace('observeMs', 'observMs')
    expect(
      refusal(text)
        .split('\n')
        .map((line) => line.split(/ is not | does not /)[0]),
    ).toEqual([
      '4 things are wrong in drills/cut.yaml:',
      'drills/cut.yaml:2:7: name: "C"',
      'drills/cut.yaml:7:11: fault kind "slo"',
      'drills/cut.yaml:14:13: region "eest"',
      'drills/cut.yaml:18:1: key "observMs"',
    ])
  })

  test('of a fault whose kind is not known too', () => {
    expect(
      refusal(
        good.replace('kind: kill', 'kind: kil').replace('42000', '-1').replace('scope: region', 'scope: regio'),
      ).split('\n'),
    ).toHaveLength(4)
  })

  test('in what an alias stands for are told once, where it is written', () => {
    const text = good
      .replace('{ scope: link, sites: [east, west] }', '&there { scope: link, sites: [east, wets] }')
      .replace('target:\n      scope: region\n      name: primary', 'target: *there')
      .replace('kind: kill', 'kind: hang')
    expect(refusal(text)).toMatch(/^drills\/cut\.yaml:8:49: site "wets" is not known[^\n]*$/)
  })

  test('end at ten', () => {
    const lines = refusal(`${good}${Array.from({ length: 13 }, (_, n) => `x${n}x: 1\n`).join('')}`).split('\n')
    expect(lines).toHaveLength(12)
    expect([lines[0], lines.at(-1)]).toEqual(['13 things are wrong in drills/cut.yaml:', 'and 3 more'])
  })

  test('names are passed over where no world is given', () => {
    expect(parseScenario(good.replace('name: primary', 'name: paris'), 'cut.yaml').faults[1]?.target).toEqual({
      scope: 'region',
      name: 'paris',
    })
  })
})

test('whatever is typed, the answer is a scenario or a position', () => {
  const pieces = fc.constantFrom(
    '',
    ' ',
    '\n',
    '\t',
    ':',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '!x ',
    '"',
    "'",
    '|',
    '>',
    '#',
    '%',
    '? ',
    'null',
    '1e400',
    '<<',
    '---\n',
    '\u0000',
    'é',
    '🜲',
  )
  fc.assert(
    fc.property(fc.nat(good.length), fc.nat(12), pieces, (at, length, piece) => {
      const said = refusal(good.slice(0, at) + piece + good.slice(at + length))
      expect(
        said === 'nothing' ||
          /^(?:\d+ things are wrong in drills\/cut\.yaml:\n)?drills\/cut\.yaml:[1-9]\d*:[1-9]\d*: \S/.test(said)
          ? 'fine'
          : said,
      ).toBe('fine')
    }),
    { numRuns: 500 },
  )
})
