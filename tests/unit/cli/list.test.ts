// Goal: in the folder of a stack of one's own, list says which scenarios apply and why the others do not; one that was
// named and does not apply is refused before anything is brought up.
// Method: the command line as a process of its own, without an engine. A program called docker stands in for Compose.
import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { z } from 'zod'
import { shopConfig } from '../generate/shop.ts'

const main = fileURLToPath(new URL('../../../chaos/cli/main.ts', import.meta.url))
const stack = `sites:
  east: { services: [api-1, db-1, migrate] }
  west: { services: [api-2, db-2] }
  edge: { services: [gateway] }
clients: { enter: ["http://gateway:8080"] }
databases: [{ nodes: [db-1, db-2], engine: postgres }]
`
const listed = z.object({
  world: z.string().nullable(),
  scenarios: z.array(z.object({ name: z.string(), applies: z.boolean().nullable(), reason: z.string().optional() })),
})
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-list-'))
  writeFileSync(join(folder, 'blackstart.yaml'), stack)
  docker(`cat <<'END'\n${JSON.stringify(shopConfig)}\nEND`)
})
afterEach(() => rmSync(folder, { recursive: true }))

function docker(script: string): void {
  writeFileSync(join(folder, 'docker'), `#!/bin/sh\n${script}\n`)
  chmodSync(join(folder, 'docker'), 0o755)
}

function blackstart(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    ...process.env,
    PATH: `${folder}${delimiter}${process.env['PATH']}`,
    BLACKSTART_WORK_DIR: folder,
    DOCKER_HOST: 'unix:///nowhere/docker.sock',
  }
  return new Promise((resolve) => {
    execFile(process.execPath, [main, ...args], { env, cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    )
  })
}

test('for people: what applies, and what does not with the reason', async () => {
  const { code, stdout } = await blackstart('list')
  const [apply = '', others = ''] = stdout.split('scenarios that do not apply, and why\n')
  expect(apply).toMatch(/^scenarios that apply to blackstart.yaml\n {2}control [^]*\n {2}region-kill /)
  expect(others).toMatch(/^ {2}switchover +db-1 publishes no REST API of Patroni/m)
  expect(others).not.toMatch(/^ {2}region-kill /m)
  expect(code).toBe(0)
})

test('for programs', async () => {
  const { world, scenarios } = listed.parse(JSON.parse((await blackstart('list', '--json')).stdout))
  expect(world).toBe('blackstart.yaml')
  const named = (wanted: string) => scenarios.find(({ name }) => name === wanted)
  expect(named('region-kill')).toEqual({ name: 'region-kill', applies: true })
  expect(named('dcs-leader-kill')).toEqual({
    name: 'dcs-leader-kill',
    applies: false,
    reason: expect.stringContaining('no DCS'),
  })
})

test('a file that cannot be read leaves the list, and says what is not known', async () => {
  writeFileSync(join(folder, 'blackstart.yaml'), 'sites: {}\n')
  const { code, stdout, stderr } = await blackstart('list', '--json')
  expect(stderr).toMatch(/^which scenarios apply is not known: blackstart.yaml:1:8: sites is empty/)
  const { world, scenarios } = listed.parse(JSON.parse(stdout))
  expect({ code, world, applies: scenarios[0]?.applies }).toEqual({ code: 0, world: null, applies: null })
})

test('files that Compose refuses are bad usage where they were given', async () => {
  docker('echo "no such key" >&2; exit 15')
  const { code, stderr } = await blackstart('list', '-f', 'blackstart.yaml')
  expect(stderr).toContain('Compose refuses')
  expect(code).toBe(4)
})

test.each([[['switchover']], [['region-kill', 'switchover']]])('run %j is refused, with the reason', async (names) => {
  const { code, stdout, stderr } = await blackstart('run', ...names)
  expect(stderr).toMatch(/^blackstart: switchover does not apply to the world blackstart: db-1 publishes no REST API/)
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
})
