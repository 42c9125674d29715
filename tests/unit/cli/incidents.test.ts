// Goal: somebody who has heard of an outage finds it, reads its story, and can re-enact it in the world that let it happen.
// Method: the command line as a process; no engine is needed. What each incident says is held against its scenario, and
// its setting against the reference world. Trials in both worlds are in docs/incidents.md; tests/chaos/defects.test.ts
// has two of these settings broken.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { worseWorld } from '../../../chaos/cli/incidents.ts'
import { packageRoot } from '../../../chaos/roots.ts'
import { incidents } from '../../../chaos/scenarios/incidents/index.ts'
import { scenarios } from '../../../chaos/scenarios/library/index.ts'
import { referenceWorld } from '../../../chaos/scenarios/reference.ts'
import { selectScenarios } from '../../../chaos/scenarios/select.ts'

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
  [['run', '--worse'], /--worse is for one incident by its name/],
  [['run', 'github-2018', 'cloudflare-2020', '--worse'], /--worse is for one incident by its name/],
  [['run', '--suite', 'smoke', '--worse'], /--worse is for one incident by its name/],
  [['run', 'github-2081', '--worse'], /there is no incident "github-2081"; did you mean "github-2018"/],
  [['run', 'region-kill', '--worse'], /there is no incident "region-kill"/],
  [['run', 'github-2018', '--worse', '-f', 'docker-compose.yml'], /--worse brings its own Compose files/],
])('%j is bad usage', async (args, message) => {
  expect(await blackstart(...args)).toMatchObject({ code: 4, stderr: expect.stringMatching(message) })
})

describe.each(incidents.map((incident) => [incident.scenario.name, incident] as const))('%s', (name, incident) => {
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
  })

  test('its setting changes services that the reference world has, in a world of its own name', () => {
    const { services } = parse(readFileSync(join(packageRoot, worse.file), 'utf8'), { logLevel: 'error' }) as {
      services: object
    }
    expect(referenceWorld.nodes).toEqual(expect.arrayContaining(Object.keys(services)))
    expect(worseWorld([name], { world: 'mine' })).toEqual({
      world: 'mine-worse',
      files: [join(packageRoot, 'docker-compose.yml'), join(packageRoot, worse.file)],
    })
  })
})
