// Goal: what is broken by hand is healed by hand, recorded like any trial, and done again from its journal.
//
//   fault kill app-east-a ──► proved      fault slow east-west --for 8s ──► proved ──► healed by itself
//   status: both                          heal f1 ──► status: one ──► heal ──► verdict ──► replay ──► side by side
//
// Method: the command line as a process of its own each time, as from several terminals; a real world, that a drill
// locks. Then the process of a drill is killed with SIGKILL, and what it broke is healed from its ledger.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readJournal } from '../../chaos/journal/read.ts'
import { faultsOf } from '../../chaos/judge/faults.ts'
import type { Verdict } from '../../chaos/judge/verdict.ts'
import { findRun } from '../../chaos/run/folder.ts'
import { scenarioSchema } from '../../chaos/scenarios/schema.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { lockOwner } from '../../chaos/world/lock.ts'
import { referenceWorld, type TestWorld, unlessMachineUnfit } from './world.ts'

let world: TestWorld
beforeAll(async () => {
  world = await referenceWorld()
})
// Of a test that failed half-way: the next suite wants the world. A drill that was killed owns it no more, but has left
// its fault.
afterAll(async () => {
  await blackstart('heal')
})

const main = fileURLToPath(new URL('../../chaos/cli/main.ts', import.meta.url))

interface Said {
  status: number
  stdout: string
  stderr: string
}

async function blackstart(...args: string[]): Promise<Said> {
  return begin(...args).ended
}

/** The same, to be interrupted when it says something. */
function begin(...args: string[]): { ended: Promise<Said>; interruptAt(words: string): void } {
  const child = spawn(process.execPath, [main, ...args, '--world', world.name])
  const said = { stdout: '', stderr: '' }
  child.stdout.on('data', (text) => {
    said.stdout += String(text)
  })
  child.stderr.on('data', (text) => {
    said.stderr += String(text)
  })
  return {
    ended: once(child, 'close').then(([status]) => {
      process.stderr.write(`$ blackstart ${args.join(' ')} → ${status}\n${said.stderr}`)
      return { status: status as number, ...said }
    }),
    interruptAt(words) {
      let interrupted = false
      child.stderr.on('data', () => {
        if (!interrupted && said.stderr.includes(words)) interrupted = child.kill('SIGINT')
      })
    },
  }
}

async function status() {
  return JSON.parse((await blackstart('status', '--json')).stdout) as {
    ready: boolean
    usedBy: { command: string } | null
    faults: { faultId: string; what: string }[]
    databases: { role: string }[]
    edges: object[]
  }
}

const lastRun = () => findRun('last')

test('two faults by hand, one healed by itself and one by hand, are one drill with one journal', async () => {
  const killed = await blackstart('fault', 'kill', 'app-east-a', '--json')
  expect(JSON.parse(killed.stdout)).toMatchObject({ faultId: 'f1', kind: 'kill', proved: true })
  expect(killed.status).toBe(0)

  // For as long as some looks at the world may take on a busy machine.
  const slow = blackstart('fault', 'slow', 'east-west', '--for', '8s', '--with', 'latencyMs=40ms')
  const during = await waitUntil(
    async () => {
      const value = await status()
      const faults = value.faults.map(({ faultId }) => faultId)
      return faults.includes('f2') ? { done: true, value } : { done: false, seen: faults.join() }
    },
    { until: 'the second fault is active', limitMs: 20_000 },
  )
  expect(during).toMatchObject({ ready: false, faults: [{ faultId: 'f1', what: 'kill node app-east-a' }, {}] })
  expect(during.usedBy?.command).toBe(`blackstart drill --world ${world.name}`)
  // One that had no time to answer within the second is "silent"; it is asked again.
  const rolesIn = (look: typeof during) => look.databases.map(({ role }) => role).toSorted()
  const roles = ['primary', 'standby', 'standby', 'standby']
  if (!rolesIn(during).includes('silent')) expect(rolesIn(during)).toEqual(roles)
  else await expect.poll(async () => rolesIn(await status()), { timeout: 20_000 }).toEqual(roles)

  // While it is, everybody else is told who has the world, and what cannot be together is refused.
  const [other, twice, unknown] = await Promise.all([
    blackstart('run', 'control'),
    blackstart('fault', 'pause', 'app-east-a'),
    blackstart('heal', 'f7'),
  ])
  expect(other).toMatchObject({
    status: 3,
    stderr: expect.stringContaining(`used by "blackstart drill --world ${world.name}"`),
  })
  expect(twice).toMatchObject({ status: 3 })
  expect(unknown).toMatchObject({
    status: 4,
    stderr: expect.stringContaining('there is no fault "f7"; did you mean "f'),
  })

  expect((await slow).status).toBe(0)
  expect((await slow).stderr).toContain('f2 is healed; still active: f1')
  expect(await blackstart('heal', 'f1')).toMatchObject({ status: 0, stderr: expect.stringContaining('f1 is healed') })
  const ended = await blackstart('heal')
  expect(ended.status).toBe(0)
  expect(ended.stderr).toMatch(/drill\n.*replay/s)
  expect(lockOwner(world.name)).toBeUndefined()
  expect(await status()).toMatchObject({ ready: true, usedBy: null, faults: [] })
})

test('its journal is one like any other: complete, judged, and a scenario', async () => {
  const folder = lastRun()
  const journal = await readJournal(join(folder, 'journal.ndjson'))
  expect(
    faultsOf(journal).map(({ requested, unproved, healFailed, healedMs }) => [
      requested.faultId,
      requested.fault,
      unproved,
      healFailed,
      healedMs !== null,
    ]),
  ).toEqual([
    ['f1', 'kill', null, null, true],
    ['f2', 'slow', null, null, true],
  ])
  const verdict = JSON.parse(readFileSync(join(folder, 'verdict.json'), 'utf8')) as {
    verdict: string
    lostWrites: number
    validity: { name: string; holds: boolean; detail: string }[]
  }
  // The load was told to stop, and that must not read like a hole in the ledger.
  expect(
    verdict.validity.filter(
      ({ name, holds }) =>
        !holds &&
        ['no-dropped-arrivals', 'journal-complete', 'fault-proved', 'heal-proved', 'every-database-read'].includes(
          name,
        ),
    ),
  ).toEqual([])
  expect(verdict.lostWrites).toBe(0)
  const scenario = scenarioSchema.parse(JSON.parse(readFileSync(join(folder, 'scenario.json'), 'utf8')))
  expect(scenario.faults).toMatchObject([
    { kind: 'kill', target: { scope: 'node', name: 'app-east-a' }, atMs: 0 },
    { kind: 'slow', with: { latencyMs: 40 } },
  ])
})

test('replay does the same again, at the same offsets, and shows both runs', async (context) => {
  const before = faultsOf(await readJournal(join(lastRun(), 'journal.ndjson')))
  // As in a suite: a trial that proved nothing is run once more.
  const first = await blackstart('replay', 'last', '--json')
  const { status, stdout, stderr } = first.status === 2 ? await blackstart('replay', 'last', '--json') : first
  expect(stderr).toMatch(/first +second\n.*verdict.*detect.*failed requests/s)
  const { original, replay } = JSON.parse(stdout.trim()) as Record<
    'original' | 'replay',
    { run: string; verdict: Verdict }
  >
  expect(replay.run).not.toBe(original.run)
  const after = faultsOf(await readJournal(join(findRun(replay.run), 'journal.ndjson')))
  expect(after.map(({ requested }) => [requested.fault, requested.target])).toEqual(
    before.map(({ requested }) => [requested.fault, requested.target]),
  )
  for (const [index, fault] of before.entries()) {
    const offset = ({ requested }: typeof fault, first: typeof fault | undefined) =>
      requested.atMs - (first?.requested.atMs ?? 0)
    const again = after[index] as typeof fault
    expect(
      Math.abs(offset(again, after[0]) - offset(fault, before[0])),
      `offset of ${fault.requested.faultId}`,
    ).toBeLessThan(500)
    expect(
      Math.abs(
        Number(again.healRequestedMs) - again.requested.atMs - (Number(fault.healRequestedMs) - fault.requested.atMs),
      ),
      `length of ${fault.requested.faultId}`,
    ).toBeLessThan(500)
  }
  unlessMachineUnfit(context, replay.verdict)
  expect(status, replay.verdict.summary).toBe(0)
})

test('Ctrl-C before anything was broken calls the drill off', async () => {
  const fault = begin('fault', 'kill', 'region:primary', '--for', '60s')
  fault.interruptAt('stage: warmup')
  expect((await fault.ended).status).toBe(130)
  await waitUntil(
    async () => (lockOwner(world.name) ? { done: false, seen: 'it has the world' } : { done: true, value: undefined }),
    { until: 'the drill is over', limitMs: 20_000 },
  )
  expect(await status()).toMatchObject({ ready: true, faults: [] })
})

test('Ctrl-C while a fault is active heals it, and leaves the drill to others', async () => {
  const fault = begin('fault', 'slow', 'east-west', '--with', 'latencyMs=20', '--for', '60s')
  fault.interruptAt('fault proved')
  expect(await fault.ended).toMatchObject({ status: 130, stderr: expect.stringContaining('f1 is healed') })
  expect((await status()).faults).toEqual([])
  expect(lockOwner(world.name)?.command).toContain('blackstart drill')
})

test('a drill whose process is killed leaves a fault that status tells and heal mends', async () => {
  expect(await blackstart('fault', 'blackhole', 'link:east-witness')).toMatchObject({ status: 0 })
  // By the id 0 this process would end its own group.
  const pid = lockOwner(world.name)?.pid ?? 0
  expect(pid).toBeGreaterThan(1)
  process.kill(pid, 'SIGKILL')
  await waitUntil(
    async () => (lockOwner(world.name) ? { done: false, seen: 'alive' } : { done: true, value: undefined }),
    { until: 'the drill is dead', limitMs: 5_000 },
  )
  const told = await blackstart('status')
  expect(told.stdout).toContain('left behind: "npx blackstart heal" heals it')
  const healed = await blackstart('heal', 'f2')
  expect(healed).toMatchObject({
    status: 0,
    stderr: expect.stringContaining('healed f2, blackhole link east-witness, which "blackstart drill'),
  })
  expect((await status()).faults).toEqual([])
})
