// Goal: somebody who has heard of an outage finds it, reads its story, and can re-enact it in the world that let it happen.
// Method: the command line as a process; no engine is needed. What each incident says is held against its scenario, and
// its setting against the reference world. Trials in both worlds are in docs/incidents.md; tests/chaos/defects.test.ts
// has two of these settings broken.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'
import { chosenIncidents, damageOf, exitStatusOf, resultName, worseWorld } from '../../../chaos/cli/worse.ts'
import { judge } from '../../../chaos/judge/judge.ts'
import { objectiveResultSchema } from '../../../chaos/judge/verdict.ts'
import { packageRoot } from '../../../chaos/roots.ts'
import { type Incident, incidentNamed, incidents } from '../../../chaos/scenarios/incidents/index.ts'
import { scenarios } from '../../../chaos/scenarios/library/index.ts'
import { referenceWorld } from '../../../chaos/scenarios/reference.ts'
import { selectScenarios } from '../../../chaos/scenarios/select.ts'
import { worldFolder } from '../../../chaos/world/state.ts'
import { journal, type Story } from '../../journals/build.ts'
import { met } from '../../journals/golden.ts'

const main = fileURLToPath(new URL('../../../chaos/cli/main.ts', import.meta.url))

function blackstart(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, DOCKER_HOST: 'unix:///nowhere/docker.sock', COLUMNS: '80' }
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    )
  })
}

test('the shelf: each with its date, its damage and the setting that let it happen', async () => {
  const { code, stdout } = await blackstart('list', '--incidents')
  expect(code).toBe(0)
  for (const { scenario, happened, worse } of incidents) {
    expect(stdout).toContain(`${scenario.name}  ${happened}\n`)
    expect(stdout.replaceAll(/\s+/g, ' ')).toContain(`worse ${worse.what} `)
  }
  expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80)
  const { stdout: json } = await blackstart('list', '--incidents', '--json')
  expect((JSON.parse(json) as { name: string }[]).map(({ name }) => name)).toEqual(
    incidents.map(({ scenario }) => scenario.name),
  )
})

test('its story stands below its time line, and in no other scenario', async () => {
  const { stdout } = await blackstart('show', 'github-2018')
  expect(stdout).toMatch(/^github-2018: /)
  expect(stdout).toMatch(/objectives\n(.*\n)+\nwhat happened: GitHub, 2018-10-21\n {2}22:52 {3}routine maintenance/)
  expect(stdout).toMatch(/what made it possible \("run --worse"\)\n.*asynchronous\n {2}missed {2}lostWrites\n/)
  expect((await blackstart('show', 'region-kill')).stdout).not.toContain('what happened')
})

test.each([
  [['run', '--worse'], /--worse of which outage\? Name one, or all of them: --tag incident --worse/],
  [['run', 'github-2018', 'cloudflare-2020', '--worse', '--keep'], /--keep is for one outage/],
  [['run', '--suite', 'smoke', '--worse'], /--worse is for outages, and none is chosen/],
  [['run', '--tag', 'incident', '--worse', '--bail'], /leave out --bail/],
  [['run', '--tag', 'incident', '--worse', '--shard', '99/99'], /99/],
  [['run', 'github-2081', '--worse'], /there is no incident "github-2081"; did you mean "github-2018"/],
  [['run', 'region-kill', '--worse'], /there is no incident "region-kill"/],
  [['run', 'github-2018', '--worse', '-f', 'docker-compose.yml'], /--worse brings its own Compose files/],
])('%j is bad usage', async (args, message) => {
  expect(await blackstart(...args)).toMatchObject({ code: 4, stderr: expect.stringMatching(message) })
})

test('of a suite or a tag those are played that are outages', async () => {
  expect(await chosenIncidents([], { suite: 'full', bail: false })).toEqual(incidents)
  expect(await chosenIncidents(['slack-2021', 'github-2018'], { bail: false })).toEqual(
    ['slack-2021', 'github-2018'].map(incidentNamed),
  )
  const parts = await Promise.all(
    ['1/2', '2/2'].map((shard) => chosenIncidents([], { tag: ['incident'], shard, bail: false })),
  )
  expect(new Set(parts.flat())).toEqual(new Set(incidents))
  expect(parts.flat()).toHaveLength(incidents.length)
})

test.each([
  [['came out', 'came out'], 0],
  [['came out', 'nobody can say', 'did not come out'], 1],
  [['came out', 'nobody can say'], 2],
  [['came out', 'came out, on a host without room'], 2],
] as const)('%j: exit status %i', (damages, status) => expect(exitStatusOf(damages)).toBe(status))

test('a world that was kept with the setting of another outage is not taken for this one', () => {
  const work = mkdtempSync(join(tmpdir(), 'blackstart-worse-'))
  vi.stubEnv('BLACKSTART_WORK_DIR', work)
  try {
    const [kept, another] = [incidentNamed('github-2018'), incidentNamed('slack-2021')]
    const { world, files } = worseWorld(kept, { world: 'mine' })
    writeFileSync(join(worldFolder(world), 'settings.json'), JSON.stringify({ ports: '180', net: '198.18.0', files }))
    expect(worseWorld(kept, { world: 'mine' }).files).toEqual(files)
    expect(() => worseWorld(another, { world: 'mine' })).toThrow(
      'the world mine-worse has another setting: "npx blackstart down --world mine-worse" takes it down',
    )
  } finally {
    vi.unstubAllEnvs()
    rmSync(work, { recursive: true })
  }
})

describe('the damage of an outage that must recover too late, in a world that is worse', () => {
  const damage = (story: Story) => damageOf(late, judge(story.build()))
  const late: Incident = { ...incidentNamed('github-2018'), worse: { file: '', what: '', breaks: ['recoverWithinMs'] } }
  const noRoom = (story: Story) => story.change('host.sampled', (event) => ({ ...event, idleShare: 0.1 }))
  const missed = () =>
    journal()
      .fault('kill')
      .takeOver({ detectedMs: 3400, electedMs: 4100, promotedMs: 5600, routedMs: 5900 })
      .outage({ toMs: 6100 })

  test('came out where it was missed', () => expect(damage(missed())).toBe('came out'))
  test('came out on a host without room, which may have had a part in it', () =>
    expect(damage(noRoom(missed()))).toBe('came out, on a host without room'))
  test('did not come out where it was met', () => expect(damage(met())).toBe('did not come out'))
  test('nobody can say where the objective itself was inconclusive, or was not judged', () => {
    const verdict = judge(met().build())
    const doubted = verdict.objectives.map((each) => ({ ...each, verdict: 'inconclusive' as const, actual: null }))
    expect(damageOf(late, { ...verdict, objectives: doubted, outcome: 'censored' })).toBe('nobody can say')
    expect(damageOf(late, { ...verdict, objectives: [] })).toBe('nobody can say')
  })
  test('nobody can say where the trial was not sound in another way', () =>
    expect(damage(missed().change('load.ended', (event) => ({ ...event, dropped: 3 })))).toBe('nobody can say'))
})

describe.each(incidents.map((incident) => [incident.scenario.name, incident] as const))('%s', (_name, incident) => {
  const { scenario, timeline, sources, worse } = incident

  test('is a scenario like any other, in the suite of every night', () => {
    expect(scenarios).toContain(scenario)
    expect(selectScenarios(scenarios, { suite: 'full', tags: ['incident'] })).toContain(scenario)
    expect(selectScenarios(scenarios, { suite: 'core' })).not.toContain(scenario)
    expect(timeline.length).toBeGreaterThan(2)
    expect(sources.length).toBeGreaterThan(0)
  })

  test('what is missed in the worse world is promised', () => {
    expect(Object.keys(scenario.objectives)).toEqual(expect.arrayContaining([...worse.breaks]))
    expect(worse.breaks.length).toBeGreaterThan(0)
    expect(objectiveResultSchema.shape.name.options).toEqual(expect.arrayContaining(worse.breaks.map(resultName)))
  })

  test('its setting changes services that the reference world has, in a world of its own name', () => {
    const { services } = parse(readFileSync(join(packageRoot, worse.file), 'utf8'), { logLevel: 'error' }) as {
      services: object
    }
    expect(referenceWorld.nodes).toEqual(expect.arrayContaining(Object.keys(services)))
    expect(worseWorld(incident, { world: 'mine' })).toEqual({
      world: 'mine-worse',
      files: [join(packageRoot, 'docker-compose.yml'), join(packageRoot, worse.file)],
    })
  })
})
