// Goal: what a command of the user's prints is read as the keys that it prints, and whatever else it does has a sentence of
// its own and is never taken for an absence.
// Method: the commands are real processes of this machine; an engine on paper runs them. tests/contract has a real one.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { type Container, type Engine, type RunLimits, TooMuchOutput } from '../../../chaos/engine/engine.ts'
import type { EventBody } from '../../../chaos/journal/schema.ts'
import {
  type CommandOptions,
  commandLimits,
  nodesToRunIn,
  readByCommand,
  unlessAllSilent,
} from '../../../chaos/run/audit-command.ts'
import { progressOf } from '../../../chaos/run/audit-progress.ts'
import type { Reading } from '../../../chaos/run/audit-rounds.ts'
import { within } from '../../../chaos/wait.ts'
import { smallTopology } from './small-topology.ts'

const topology = smallTopology()
const [pg1] = topology.nodes
if (!pg1) throw new Error('the small topology has a node')

function engineHere(state: Container['state'] | undefined): CommandOptions['engine'] {
  const container = { id: 'c1', service: 'pg1', state } as Container
  return {
    containers: async () => (state === undefined ? [] : [container]),
    run: async (_container, [program = '', ...words], { limitMs, mostBytes, heard }: RunLimits) => {
      const child = spawn(program, words)
      const [output, complaints]: Buffer[][] = [[], []]
      let bytes = 0
      const tooMuch = new Promise<never>((_, reject) => {
        child.stdout.on('data', (chunk: Buffer) => {
          bytes += chunk.length
          if (bytes > mostBytes) reject(new TooMuchOutput('too much'))
          output?.push(chunk)
          heard?.(chunk)
        })
      })
      child.stderr.on('data', (chunk: Buffer) => complaints?.push(chunk))
      try {
        const [exitStatus] = (await within(limitMs, 'running', Promise.race([once(child, 'close'), tooMuch]))) as [
          number,
        ]
        const textOf = (chunks: Buffer[] = []) => Buffer.concat(chunks).toString()
        return { exitStatus, output: textOf(output), complaints: textOf(complaints) }
      } finally {
        child.kill('SIGKILL')
      }
    },
  } satisfies Pick<Engine, 'containers' | 'run'>
}

const read = (
  run: string[],
  {
    state = 'running',
    limits = commandLimits,
    ...more
  }: Partial<CommandOptions> & { state?: Container['state'] | undefined } = {},
): Promise<Reading> =>
  readByCommand(pg1, {
    engine: engineHere(state),
    world: 'paper',
    command: { in: ['pg1'], run },
    trialId: 't1',
    nowMs: () => 7,
    limits,
    ...more,
  })
const reasonOf = async (...given: Parameters<typeof read>): Promise<string> => {
  const reading = await read(...given)
  return reading.kind === 'audit.failed' ? reading.reason : `read: ${reading.writes}`
}
const shell = (script: string): string[] => ['sh', '-c', script]

test('keys, one a line; those of other trials are no matter', async () => {
  expect(await read(shell("printf 't1-3\\nt0-9\\r\\n\\nt1-1\\r\\nt1-1\\nt1-2'"))).toEqual({
    kind: 'audit.read',
    node: 'pg1',
    rows: 4,
    writes: '1-3',
    duplicated: [1],
    unexpected: [],
    invariants: [],
    snapshotMs: 7,
  })
})

test('{{prefix}} is replaced in every word, and no shell reads it', async () => {
  expect(await reasonOf(['printf', '%s\n', '{{prefix}}4', '{{prefix}}5', '$(echo t1-6)'])).toBe('read: 4-5')
})

test('what it complains of is no key', async () => {
  expect(await reasonOf(shell('echo t1-1; echo t1-2 >&2'))).toBe('read: 1')
})

test('exit status', async () => {
  expect(await reasonOf(shell('echo t1-1; echo no such table: items >&2; exit 3'))).toBe(
    '"sh -c echo t1-1; echo no such table: items >&2; exit 3" ended with status 3: no such table: items',
  )
  expect(await reasonOf(shell('exit 1'))).toBe('"sh -c exit 1" ended with status 1, without a word')
})

test.each(['exited', 'paused', 'restarting'] as const)('a container that is %s', async (state) => {
  expect(await reasonOf(['true'], { state })).toBe(
    `"true" was not run: the container of pg1 is ${state}, and a command runs only in one that runs`,
  )
})

test('a million keys are read; far more than that are too many', async () => {
  expect(await reasonOf(shell('seq -f t1-%.0f 0 999999'))).toBe('read: 0-999999')
  const limits = { ...commandLimits, mostBytes: 2 ** 20 }
  expect(await reasonOf(shell('yes t1-1'), { limits })).toMatch(
    /^"sh -c yes t1-1" printed more than 1 MiB, \d{6} lines so far; let it print only the keys that begin with {{prefix}}$/,
  )
})

test('one that does not end', async () => {
  const limits = { ...commandLimits, limitMs: 300 }
  expect(await reasonOf(shell('echo t1-1; exec sleep 60'), { limits })).toMatch(
    /was still running after 0.3 s, with 1 lines printed, and was ended;/,
  )
})

test('lines that are no keys of this trial', async () => {
  expect(await reasonOf(shell('echo key; echo "(0 rows)"'))).toMatch(
    /printed 2 lines, none of which begins with t1-; the first is "key"; it must print keys as they were sent, one a line$/,
  )
  expect(await reasonOf(shell('seq -f "t1-%.0f,1" 0 200'))).toMatch(
    /printed 201 lines that begin with t1- and are no keys that were sent, such as "t1-0,1"/,
  )
})

test('an engine that fails', async () => {
  const engine = { ...engineHere('running'), run: () => Promise.reject(new Error('no such container')) }
  expect(await reasonOf(['true'], { engine })).toBe('no such container')
})

test('nothing anywhere proves nothing, unless nothing was acknowledged; nothing at one place is a finding', async () => {
  const nothing = (await read(['true'])) as Reading
  expect(nothing).toMatchObject({ kind: 'audit.read', rows: 0, writes: '' })
  const found = await read(['echo', 't1-1'])
  const run = ['true']
  expect(unlessAllSilent([nothing, nothing], { run }, 812)).toEqual(
    Array.from({ length: 2 }, () => ({
      kind: 'audit.failed',
      node: 'pg1',
      reason:
        '"true" printed nothing in any container, though 812 writes were acknowledged: either all of them are lost, or it does not find them; try it by hand',
    })),
  )
  expect(unlessAllSilent([nothing, nothing], { run }, 0)).toEqual([nothing, nothing])
  expect(unlessAllSilent([nothing, found], { run }, 812)).toEqual([nothing, found])
})

test('where it runs: services by name, and all copies of one with replicas', () => {
  const copies = { ...topology, nodes: ['web-1', 'web-2', 'api'].map((name) => ({ ...pg1, name })) }
  const names = (services: string[]) => nodesToRunIn({ in: services, run: [] }, copies).map(({ name }) => name)
  expect(names(['web', 'api'])).toEqual(['web-1', 'web-2', 'api'])
  expect(names(['web-2'])).toEqual(['web-2'])
  expect(() => names(['webb'])).toThrow(/audit\.writes\.command\.in: this world has no webb; did you mean "web-1"\?/)
})

test('how far it has come is recorded now and then, and not at all of a short reading', async () => {
  const events: EventBody[] = []
  let ms = 0
  const tell = progressOf('pg1', (event) => void events.push(event), { of: 9, clock: () => ms })
  for (; ms < 7_000; ms += 500) tell(ms / 500)
  expect(events).toEqual([4, 8, 12].map((done) => ({ kind: 'audit.progress', node: 'pg1', done, of: 9 })))
  const seen: number[] = []
  await read(shell('echo t1-1; echo t1-2'), { progress: (lines) => void seen.push(lines) })
  expect(seen.at(-1)).toBe(2)
})
