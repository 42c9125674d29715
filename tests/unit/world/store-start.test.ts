// Goal: a node of the store follows the primary that the sentinels know, and comes up as a second one never.
// Method: the real start script, with folders of the test's own, where `redis-cli` says what a sentinel would and
// `redis-server` shows its configuration.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'

const config = (name: string) => readFileSync(new URL(`../../../regions/config/${name}`, import.meta.url), 'utf8')

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'blackstart-store-'))
  for (const name of ['bin', 'etc', 'data', 'says']) mkdirSync(join(folder, name))
  for (const name of ['redis.conf', 'sentinel.conf']) writeFileSync(join(folder, 'etc', name), config(name))
  writeFileSync(
    join(folder, 'store.sh'),
    config('store.sh')
      .replaceAll('/var/lib/redis', join(folder, 'data'))
      .replaceAll('/etc/blackstart', join(folder, 'etc')),
  )
  program('sleep', 'echo slept >> "$FOLDER/slept"')
  // Called as: redis-cli -h host -p port sentinel master ledger
  program('redis-cli', 'cat "$FOLDER/says/$2"')
  program('redis-server', 'cat "$1"; echo "arguments: $*"')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function program(name: string, body: string): void {
  writeFileSync(join(folder, 'bin', name), `#!/bin/bash\n${body}\n`)
  chmodSync(join(folder, 'bin', name), 0o755)
}

/** As `redis-cli` prints a list that is not shown on a terminal: a name and a value a line, some values empty. */
function says(sentinel: string, primary: string, epoch: number): void {
  const port = primary === 'redis-east' ? '6371' : '6372'
  const lines = [
    'name',
    'ledger',
    'ip',
    primary,
    'port',
    port,
    'runid',
    '',
    'flags',
    'master',
    'config-epoch',
    String(epoch),
    'quorum',
    '2',
  ]
  writeFileSync(join(folder, 'says', sentinel), `${lines.join('\n')}\n`)
}

function start(node: string, what = 'redis', password = 'secret'): string {
  return execFileSync('bash', [join(folder, 'store.sh'), what], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      FOLDER: folder,
      PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
      NODE: node,
      PORT: '6371',
      PASSWORD: password,
      SENTINELS: 'sentinel-east:26371,sentinel-west:26372,sentinel-witness:26373',
    },
  })
}
const follows = (output: string) => /^replicaof (.*)$/m.exec(output)?.[1]

describe('a node of the store', () => {
  test('is primary, or follows, as a majority of the sentinels says', () => {
    for (const sentinel of ['sentinel-east', 'sentinel-witness']) says(sentinel, 'redis-east', 0)
    const east = start('redis-east')
    expect([follows(east), follows(start('redis-west'))]).toEqual([undefined, 'redis-east 6371'])
    expect(east).toMatch(/^replica-announce-ip redis-east$/m)
    expect(east).toMatch(/^port 6371$/m)
    expect(east).not.toMatch(/^[^#]*@\w+@/m)
  })

  test('believes the sentinel that knows the latest change', () => {
    says('sentinel-east', 'redis-east', 2)
    says('sentinel-west', 'redis-west', 10)
    says('sentinel-witness', 'redis-west', 10)
    expect(follows(start('redis-east'))).toBe('redis-west 6372')
  })

  test('waits for a second sentinel, but not for ever', () => {
    says('sentinel-east', 'redis-west', 1)
    expect(follows(start('redis-east'))).toBe('redis-west 6372')
    expect(readFileSync(join(folder, 'slept'), 'utf8').trim().split('\n')).toHaveLength(10)
  })

  test('that restarts waits for the sentinels to name the other one', () => {
    for (const sentinel of ['sentinel-west', 'sentinel-witness']) says(sentinel, 'redis-east', 0)
    expect(follows(start('redis-east'))).toBeUndefined()
    program(
      'sleep',
      ['sentinel-west', 'sentinel-witness']
        .map((name) => `sed -i 's/redis-east/redis-west/; s/6371/6372/; s/^0$/1/' "$FOLDER/says/${name}"`)
        .join('\n'),
    )
    expect(follows(start('redis-east'))).toBe('redis-west 6372')
  })

  test('starts as at first where no sentinel answers', () => {
    expect([follows(start('redis-east')), follows(start('redis-west'))]).toEqual([undefined, 'redis-east 6371'])
  })
})

describe('a password that was made by hand', () => {
  const typed = `/&@"'\\%:$# \\1 @NODE@`
  /** As the configuration of Redis has it. */
  const quoted = `"/&@\\"'\\\\%:$# \\\\1 @NODE@"`

  test('is quoted as Redis reads it', () => {
    expect(start('redis-east', 'redis', typed)).toContain(`\nrequirepass ${quoted}\nmasterauth ${quoted}\n`)
    expect(start('sentinel-east', 'sentinel', typed)).toContain(`\nsentinel auth-pass ledger ${quoted}\n`)
  })

  test('is quoted again where a sentinel wrote it down as it is', () => {
    const written = [
      'port 6371',
      `requirepass ${quoted}`,
      `# ??? sentinel auth-pass ledger ${typed}`,
      'sentinel myid 1',
      `sentinel sentinel-pass ${typed}`,
      `sentinel auth-pass ledger ${typed}`,
    ]
    writeFileSync(join(folder, 'data', 'sentinel.conf'), `${written.join('\n')}\n`)
    const lines = start('sentinel-east', 'sentinel', typed).split('\n')
    expect(lines.slice(0, 2)).toEqual(['port 6371', 'sentinel myid 1'])
    expect(lines.slice(2, 5).sort()).toEqual([
      `requirepass ${quoted}`,
      `sentinel auth-pass ledger ${quoted}`,
      `sentinel sentinel-pass ${quoted}`,
    ])
  })

  test('is no argument of any program: those everybody may read', () => {
    for (const name of ['sed', 'grep', 'mv', 'cat', 'psql'])
      program(
        name,
        `echo "$*" >> "$FOLDER/arguments"; PATH=\${PATH#*:}; ${name === 'psql' ? 'cat' : name} "$@" || [ ${name} = psql ]`,
      )
    says('sentinel-east', 'redis-east', 0)
    start('redis-east', 'redis', 'hunter2')
    start('sentinel-east', 'sentinel', 'hunter2')
    start('sentinel-east', 'sentinel', 'hunter2')
    const sql = execFileSync('sh', ['-c', config('bootstrap.sh'), 'bootstrap.sh', 'dbname=postgres'], {
      encoding: 'utf8',
      env: {
        FOLDER: folder,
        PATH: `${join(folder, 'bin')}:${process.env['PATH']}`,
        LEDGER_PASSWORD: 'hunter2',
        OBSERVER_PASSWORD: 'hunter2',
      },
    })
    const seen = readFileSync(join(folder, 'arguments'), 'utf8')
    expect(seen).toContain('dbname=postgres')
    expect(seen + sql).not.toContain('hunter2')
  })
})

test('a sentinel keeps what it wrote down', () => {
  expect(start('sentinel-east', 'sentinel')).toContain('arguments: sentinel.conf --sentinel')
  writeFileSync(join(folder, 'data', 'sentinel.conf'), 'its own words\n')
  expect(start('sentinel-east', 'sentinel')).toContain('its own words')
})
