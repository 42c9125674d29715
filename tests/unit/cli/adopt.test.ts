// Goal: in a folder with nothing but a Compose file, adopt writes a blackstart.yaml that --check finds nothing wrong with;
// bad input is told, and nothing is overwritten.
// Method: the command line as a process of its own. A program called docker stands in for Docker's command line, which
// unit tests do without: it answers with what Compose said when it was recorded. tests/contract asks the real one.
import { execFile } from 'node:child_process'
import { chmodSync, cpSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { recorded, stacks } from '../../compose/stacks.ts'

const main = fileURLToPath(new URL('../../../chaos/cli/main.ts', import.meta.url))
let folder: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'adopt-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function given(name: string): void {
  const stack = stacks.find((each) => each.name === name)
  cpSync(stack?.folder ?? '', folder, { recursive: true, filter: (path) => !path.endsWith('blackstart.yaml') })
  const { config } = recorded(folder)
  writeFileSync(join(folder, 'answer.json'), JSON.stringify(config))
  docker(`cat ${join(folder, 'answer.json')}`)
}

function docker(script: string): void {
  const path = join(folder, 'docker')
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
}

function adopt(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = { ...process.env, PATH: `${folder}${delimiter}${process.env['PATH']}`, BLACKSTART_WORK_DIR: folder }
  return new Promise((resolve) => {
    execFile(process.execPath, [main, 'adopt', ...args], { env, cwd: folder }, (error, stdout, stderr) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, stdout, stderr }),
    )
  })
}

const file = () => readFileSync(join(folder, 'blackstart.yaml'), 'utf8')

test('adopt writes the file and says why; --check finds nothing wrong; then it is not overwritten', async () => {
  given('galera')
  const written = await adopt()
  expect(written.stderr).toMatch(/galera-3 +galera at witness +its image is bitnami/)
  expect(written.stderr).toContain('wrote blackstart.yaml; it has 3 things to do in it, marked TODO')
  expect({ code: written.code, stdout: written.stdout.trim() }).toEqual({
    code: 0,
    stdout: join(folder, 'blackstart.yaml'),
  })
  expect(file()).toMatch(/^# yaml-language-server: \$schema=.*\/docs\/world\.schema\.json\n/)

  const check = await adopt('--check')
  expect(check.stderr).toContain('nothing would fail (6 services at 4 sites: east, west, witness, edge)')
  // It stands in the Compose file, and is taken from there.
  expect(check.stderr).not.toContain('passwordFrom')
  expect(check.code).toBe(0)

  writeFileSync(join(folder, 'blackstart.yaml'), '# mine\n')
  const again = await adopt()
  expect(again.stderr).toMatch(/blackstart.yaml is there already: .*--check.*--force/)
  expect({ code: again.code, text: file() }).toEqual({ code: 4, text: '# mine\n' })
  expect((await adopt('--force')).code).toBe(0)
  expect(file()).toContain('engine: mariadb')
})

test('--region is what the user says; --json is for programs', async () => {
  given('replicas')
  const { code, stdout } = await adopt(
    '--json',
    '--region',
    'north=db,web-1',
    'south=web-2,web-3',
    '--output',
    'two.yaml',
  )
  const { file: path, world, reasons, todo, problems, notes } = JSON.parse(stdout)
  expect({ code, path }).toEqual({ code: 0, path: join(folder, 'two.yaml') })
  expect(world.sites).toEqual({
    north: { services: ['db', 'web-1'] },
    south: { services: ['web-2', 'web-3'] },
    edge: { services: ['traefik'] },
  })
  expect(reasons).toContainEqual({
    about: 'db',
    guess: 'mariadb at north',
    because: 'its image is mariadb:11; you said so',
  })
  expect([todo.length, problems.length, notes.length].map((count) => count > 0)).toEqual([true, false, true])
})

test('--check names each mistake at its place', async () => {
  given('galera')
  await adopt()
  writeFileSync(
    join(folder, 'blackstart.yaml'),
    file().replace('http://caddy', 'http://cady').replace('[galera-3]', '[galera-3, galera-4]'),
  )
  const { code, stdout, stderr } = await adopt('--check')
  expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
  expect(stderr).toMatch(
    /blackstart\.yaml:\d+:\d+: galera-4 is no service of the Compose file; did you mean "galera-1"\?/,
  )
  expect(stderr).toMatch(/blackstart\.yaml:\d+:\d+: http:\/\/cady: "cady" is no service/)
})

describe('bad input', () => {
  test.each<[string, string[], string, RegExp]>([
    ['no Compose file', [], '', /there is no Compose file in .*compose\.yaml, compose\.yml.*name yours/],
    ['a file that is not there', ['other.yml'], '', /there is no other\.yml/],
    ['nothing to check', ['--check'], '', /there is no blackstart\.yaml: "npx blackstart adopt" writes one/],
    ['a region of nobody', ['--region', 'east=web'], 'galera', /--region east=web: web is no service/],
    ['half a region', ['--region', 'east'], 'galera', /--region east: expected a region and its services/],
    ['a service in two regions', ['--region', 'e=api-1', 'w=api-1'], 'galera', /api-1 stands at e already/],
    ['check and more', ['--check', '--force'], 'galera', /adopt --check checks the file that is there/],
  ])('%s', async (_what, args, name, message) => {
    if (name !== '') given(name)
    const { code, stdout, stderr } = await adopt(...args)
    expect(stderr).toMatch(message)
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' })
    expect(existsSync(join(folder, 'blackstart.yaml'))).toBe(false)
  })

  test('a file that Compose refuses', async () => {
    given('galera')
    docker('echo "time=1 level=warning msg=version" >&2; echo "services.web must be a mapping" >&2; exit 15')
    const { code, stderr } = await adopt()
    expect(stderr).toContain('Compose refuses compose.yml: services.web must be a mapping\n')
    expect(stderr).toContain('docker compose -f compose.yml config --quiet')
    expect(stderr).not.toContain('level=warning')
    expect(code).toBe(4)
  })

  test('no Compose plugin', async () => {
    given('galera')
    docker(`echo "docker: 'compose' is not a docker command." >&2; exit 1`)
    const { code, stderr } = await adopt()
    expect(stderr).toContain('Docker has no Compose plugin')
    expect(code).toBe(3)
  })
})
