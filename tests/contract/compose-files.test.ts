// Goal: the world is the same wherever it is brought up.
// Method: what the installed Compose makes of the project's files, and of settings that people have. No container is
// made.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { packageRoot } from '../../chaos/roots.ts'
import { environmentOf } from '../../chaos/world/settings.ts'
import { composeEnvironment } from '../../setup/compose-env.mjs'
import { PASSWORDS } from '../../setup/password-names.mjs'
import { envCases, envRefused } from '../unit/setup/env-cases.ts'

interface Service {
  environment?: Record<string, string | null>
  volumes?: { type: string; source: string; bind?: { selinux?: string } }[]
}

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-compose-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

function compose(args: string[], env: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync('docker', ['compose', ...args], {
    cwd: packageRoot,
    env: { ...process.env, ...env },
    encoding: 'utf8',
  })
  return { status, stdout, stderr }
}

function servicesOf(file: string, env?: Record<string, string>): [string, Service][] {
  const { status, stdout, stderr } = compose(['-f', file, 'config', '--format', 'json'], env)
  if (status !== 0) throw new Error(`docker compose config: ${stderr}`)
  return Object.entries((JSON.parse(stdout) as { services: Record<string, Service> }).services)
}

const known = Object.fromEntries(PASSWORDS.map((name) => [name, 'known']))

test('what is mounted may be read where SELinux watches', () => {
  const unlabelled = servicesOf('docker-compose.yml', known).flatMap(([name, { volumes = [] }]) =>
    volumes
      .filter(({ type, bind }) => type === 'bind' && bind?.selinux !== 'z')
      .map(({ source }) => `${name}: ${source}`),
  )
  expect(unlabelled).toEqual([])
})

test("no node is told of a proxy, whatever Docker's config.json says", () => {
  const names = ['http', 'https', 'ftp', 'all'].flatMap((scheme) => [
    `${scheme}_proxy`,
    `${scheme}_proxy`.toUpperCase(),
  ])
  const told = servicesOf('docker-compose.yml', known).flatMap(([name, { environment = {} }]) =>
    names.filter((variable) => environment[variable] !== '').map((variable) => `${name}: ${variable}`),
  )
  expect(told).toEqual([])
})

/** A stack of one service, with an `.env` beside it. */
function stack(service: object, env: string): string {
  writeFileSync(join(folder, '.env'), env)
  writeFileSync(
    join(folder, 'compose.yml'),
    JSON.stringify({
      name: 'blackstart-nowhere',
      services: { one: { image: 'blackstart/helper', pull_policy: 'never', ...service } },
    }),
  )
  return join(folder, 'compose.yml')
}

test('an .env file is read by us as by Compose', () => {
  const environment = Object.fromEntries(envCases.map((_, index) => [`CASE_${index}`, `\${CASE_${index}}`]))
  const file = stack({ environment }, envCases.map(([text], index) => `CASE_${index}=${text}\n`).join(''))
  const [[, one] = []] = servicesOf(file, { HOME: '/root' })
  // In what Compose prints, each dollar is doubled.
  expect(envCases.map(([text], index) => [text, one?.environment?.[`CASE_${index}`]?.replaceAll('$$', '$')])).toEqual(
    envCases,
  )
})

test.for(envRefused)('Compose, too, refuses NAME=%s', (text) => {
  expect(compose(['-f', stack({}, `NAME=${text}\n`), 'config']).status).not.toBe(0)
})

const hostile = {
  COMPOSE_IGNORE_ORPHANS: 'true',
  COMPOSE_REMOVE_ORPHANS: 'false',
  COMPOSE_FILE: '/nowhere.yml',
  COMPOSE_ENV_FILES: '/nowhere.env',
  COMPOSE_PATH_SEPARATOR: 'x',
  COMPOSE_PARALLEL_LIMIT: 'many',
  COMPOSE_ANSI: 'always',
  COMPOSE_PROGRESS: 'tty',
  COMPOSE_STATUS_STDOUT: 'true',
  COMPOSE_COMPATIBILITY: 'true',
  COMPOSE_EXPERIMENTAL: 'perhaps',
  COMPOSE_MENU: 'true',
  COMPOSE_BAKE: 'true',
  COMPOSE_PROJECT_NAME: 'other',
  COMPOSE_CONVERT_WINDOWS_PATHS: '1',
  COMPOSE_DISABLE_ENV_FILE: 'true',
  DOCKER_DEFAULT_PLATFORM: 'linux/s390x',
}
test.for(Object.entries(hostile))('%s=%s, in the shell or in .env, changes nothing that up does', ([name, value]) => {
  const service = { command: ['${WORD}'], profiles: [] }
  const settings = { ports: '180', net: '198.18.0', files: [join(folder, 'compose.yml')] }
  const dryRun = (env: Record<string, string>) => {
    const { status, stdout, stderr } = compose(
      ['-f', join(folder, 'compose.yml'), '--dry-run', 'up', '--detach', '--remove-orphans'],
      env,
    )
    // Lines that come side by side have no order.
    return {
      status,
      stdout,
      said: stderr
        .split('\n')
        .map((line) => line.trimEnd())
        .sort(),
    }
  }
  stack(service, 'WORD=true\n')
  const usual = dryRun(environmentOf('blackstart-nowhere', settings))
  expect(usual.status).toBe(0)
  expect(
    dryRun({
      [name]: value,
      ...composeEnvironment({ [name]: value }, [folder]),
      COMPOSE_PROJECT_NAME: 'blackstart-nowhere',
    }),
  ).toEqual(usual)
  stack(service, `WORD=true\n${name}=${value}\n`)
  expect(dryRun(environmentOf('blackstart-nowhere', settings))).toEqual(usual)
})
