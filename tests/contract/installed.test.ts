// Goal: a folder with a Compose file and the tarball comes to a verdict and a report, by the commands of the README, and
// nothing is written anywhere but in that folder.
// Method: packs, installs beside a copy of the shop, adopts it, says what clients ask, brings it up, kills the region
// with the primary for ten seconds, and takes it down. Nothing in the shop promotes the standby, so its promise is missed.
// Before the end, once more with an audit that no database understands.
import { globSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { machineUnfit } from '../../chaos/api/trial.ts'
import { DockerEngine } from '../../chaos/engine/docker/engine.ts'
import { EXIT } from '../../chaos/errors.ts'
import type { Verdict } from '../../chaos/judge/verdict.ts'
import { down } from '../../chaos/world/down.ts'
import { lockWorld } from '../../chaos/world/lock.ts'
import { expectCaught } from '../chaos/world.ts'
import { contentsOf, type Installed, installPackage, run } from '../installed-package.ts'

const world = 'blackstart-test-installed'
const shop = fileURLToPath(new URL('./shop', import.meta.url))
const own = ['api.mjs', 'compose.yml', 'db.sh', 'haproxy.cfg']
const engine = new DockerEngine()
/** For a machine that is busy with something else; else it takes a minute and a half. */
const limitMs = 600_000
const outageMs = 10_000

let lock: Disposable
let installed: Installed

beforeAll(async () => {
  // Where the clean-up of other tests of this checkout looks.
  lock = lockWorld(world)
  await down(engine, world)
  installed = await installPackage(
    Object.fromEntries(own.map((name) => [name, readFileSync(join(shop, name), 'utf8')])),
  )
}, limitMs)
afterAll(async () => {
  await down(engine, world)
  installed?.[Symbol.dispose]()
  lock[Symbol.dispose]()
})

const blackstart = (...args: string[]) => run('npx', ['--no-install', 'blackstart', ...args], installed.project)

/** The three things to do, done as docs/own-system.md has it. */
function answerTodos(path: string): void {
  const [guessed = '', ...others] = readFileSync(path, 'utf8').split(
    '  requests:\n    - { name: get, share: 1, path: / }\n',
  )
  expect(others).toHaveLength(1)
  const requests = `  requests:
    - { name: put, share: 0.5, write: true, method: PUT, path: "/items/{{key}}", acknowledged: [201] }
    - { name: get, share: 0.5, path: "/items/{{recentKey}}" }
`
  const audit = `audit: { writes: { sql: "select key from items where key like $1 || '%'" } }\n`
  writeFileSync(path, [guessed, requests, others[0], audit].join(''))
}

/** An audit that no database answers is found before anything is broken. Returns whether a fault was injected all the same. */
async function runWithWrongAudit(path: string): Promise<boolean> {
  writeFileSync(path, readFileSync(path, 'utf8').replace('select key from items', 'select key from itmes'))
  expect(await blackstart('up', '--world', world)).toMatchObject({ code: 0 })
  const ran = await blackstart('run', 'region-kill.yaml', '--world', world)
  expect(ran, ran.stderr).toMatchObject({
    code: EXIT.badUsage,
    stderr: expect.stringMatching(
      /cannot be read back: db-\d says: relation "itmes" does not exist.*correct audit.writes/s,
    ),
  })
  return ran.stderr.includes('fault requested')
}

const lostBriefly = `name: region-kill
title: The region that holds the primary loses power for ten seconds
faults:
  - { kind: kill, target: { scope: region, name: primary }, forMs: ${outageMs} }
observeMs: 30000
objectives: { recoverWithinMs: 5000, lostWrites: 0, onePrimary: true }
`

test('adopt, up, run, down', { timeout: limitMs }, async (context) => {
  if (installed.missing !== undefined) context.skip(installed.missing)
  const { project } = installed
  const asInstalled = contentsOf(installed.package)
  expect(await blackstart('adopt')).toMatchObject({ code: 0 })
  answerTodos(join(project, 'blackstart.yaml'))
  expect(await blackstart('adopt', '--check')).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('nothing would fail'),
  })
  const up = await blackstart('up', '--world', world)
  expect(up, up.stderr).toMatchObject({ code: 0, stdout: expect.stringContaining('clients enter at') })

  writeFileSync(join(project, 'region-kill.yaml'), lostBriefly)
  const ran = await blackstart('run', 'region-kill.yaml', '--world', world, '--json')
  const verdict = JSON.parse(ran.stdout) as Verdict
  expect(readFileSync(join(project, 'runs/last/report.html'), 'utf8')).toContain('region-kill')

  const faultAtAll = await runWithWrongAudit(join(project, 'blackstart.yaml'))

  expect(await blackstart('down', '--world', world)).toMatchObject({ code: 0 })
  expect(await engine.belongings(world)).toEqual([])
  expect(contentsOf(installed.package)).toEqual(asInstalled)
  const written = ['.blackstart', 'blackstart.yaml', 'node_modules', 'package-lock.json', 'package.json', 'runs']
  expect(readdirSync(project).toSorted()).toEqual([...own, ...written, 'region-kill.yaml'].toSorted())
  expect(globSync('*', { cwd: join(project, '.blackstart/worlds') })).toEqual([])

  expectCaught(verdict, 'recover-within')
  const unfit = machineUnfit(verdict) !== undefined
  expect(ran.code, verdict.summary).toBe(unfit ? 2 : 1)
  // A machine that stalls may leave things unmeasured, and its last requests late; what it measured holds all the same.
  const { outcome, recoveredInMs, lostWrites, dualWritableMs } = verdict
  const orUnmeasured = unfit ? [null] : []
  expect([0, ...orUnmeasured], verdict.summary).toContain(lostWrites)
  expect([0, ...orUnmeasured], verdict.summary).toContain(dualWritableMs)
  expect(['recovered', ...(unfit ? ['censored'] : [])], verdict.summary).toContain(outcome)
  if (outcome === 'recovered') expect(recoveredInMs).toBeGreaterThan(outageMs)
  expect(verdict.ackedWrites).toBeGreaterThan(50)
  expect(faultAtAll, 'a fault in a trial whose audit cannot be read').toBe(false)
})
