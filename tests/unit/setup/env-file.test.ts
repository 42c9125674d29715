// Goal: what the harness and the set-up read in `.env` is what Compose gave to the nodes. The same cases are put to
// Compose itself in tests/contract/compose-files.test.ts.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { composeEnvironment } from '../../../setup/compose-env.mjs'
import { parseEnvFile } from '../../../setup/env-file.mjs'
import { envCases, envRefused } from './env-cases.ts'

describe('an .env file', () => {
  test.for(envCases)('NAME=%s', ([text, value]) => {
    expect(parseEnvFile(`FIRST=1\nNAME=${text}\nLAST=2\n`, { HOME: '/root' }).get('NAME')).toBe(value)
  })

  test.for(envRefused)('NAME=%s is refused, with its line and without its value', (text) => {
    expect(() => parseEnvFile(`# Compose\n\nNAME=${text}\n`)).toThrow(/^line 3 (?!.*(?:open$|must|a""b))/)
  })

  test('has comments, empty lines, `export`, names alone and line ends of any kind', () => {
    const text = '\uFEFF# one\r\n\r\nexport A=1\r\nB: 2\n  C =3\nINHERITED\nNOBODY\nD=${A}${B}'
    expect(Object.fromEntries(parseEnvFile(text, { INHERITED: 'yes' }))).toEqual({
      A: '1',
      B: '2',
      C: '3',
      INHERITED: 'yes',
      D: '12',
    })
  })

  test('that is none is told by its line', () => {
    expect(() => parseEnvFile('A=1\nwhat is this\n')).toThrow('line 2 does not begin with NAME=')
  })
})

describe('the environment of Compose', () => {
  test('overrules what the shell says, and leaves all else alone', () => {
    const env = {
      PATH: '/usr/bin',
      DOCKER_HOST: 'unix:///x',
      HTTPS_PROXY: 'http://p',
      COMPOSE_PROFILES: 'mine',
      COMPOSE_IGNORE_ORPHANS: 'true',
      COMPOSE_PARALLEL_LIMIT: '1',
      COMPOSE_FILE: 'other.yml',
      DOCKER_DEFAULT_PLATFORM: 'linux/s390x',
    }
    expect(composeEnvironment(env, [])).toEqual({
      COMPOSE_IGNORE_ORPHANS: 'false',
      COMPOSE_PARALLEL_LIMIT: '-1',
      COMPOSE_FILE: '',
      DOCKER_DEFAULT_PLATFORM: '',
    })
  })

  test('overrules what the .env files say that Compose reads by itself', () => {
    const root = mkdtempSync(join(tmpdir(), 'compose-env-'))
    try {
      mkdirSync(join(root, 'stack'))
      writeFileSync(join(root, '.env'), 'BLACKSTART_NET=198.18.9\nCOMPOSE_IGNORE_ORPHANS=1\n')
      writeFileSync(join(root, 'stack', '.env'), 'export COMPOSE_ANSI="always"\n')
      expect(composeEnvironment({}, [root, join(root, 'stack'), join(root, 'nowhere')])).toEqual({
        COMPOSE_IGNORE_ORPHANS: 'false',
        COMPOSE_ANSI: 'auto',
      })
    } finally {
      rmSync(root, { recursive: true })
    }
  })
})
