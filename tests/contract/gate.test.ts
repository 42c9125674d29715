// Goal: the gate that runs before each promotion signs what the model in tests/unit/arbiter was searched with, and
// reads what PostgreSQL says.
//
// Method: the script itself, by the Python that runs it, in the image that it runs in; every /sync and every commit
// rule of four nodes. And real databases that are promoted past timelines that others took.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GenericContainer, type StartedTestContainer } from 'testcontainers'
import { expect, test } from 'vitest'
import { packageRoot } from '../../chaos/roots.ts'
import { departed } from '../../services/arbiter/decide.ts'
import { type Claim, signed } from '../unit/arbiter/model.ts'
import { Dcs, users } from './harness/dcs.ts'

process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'

const load = `
import json, os, sys
sys.argv = ["gate", "nobody", "nowhere:1"]
sys.path.insert(0, "/gate")
import dcs, followers, gate
`
const runner = `
exec(open('/load.py').read())
def signed(case):
    gate.NAME = case["node"]
    return gate.successor(case["cluster"], case["copies"], set(case["names"]))
def read(setting):
    gate.ask = lambda own, query: [[setting]]
    copies, names = gate.commits_with(None)
    return [copies, sorted(names)]
cases = json.load(open("/cases.json"))
print(json.dumps({"signed": [signed(case) for case in cases["signed"]], "read": [read(setting) for setting in cases["settings"]]}))
`

/**
 * A standby, and one that follows it, from the time before anybody was promoted; `taken` timelines went to others.
 * Prints what was foretold and what came of it.
 */
const promotion = (taken: number) => `
set -eu
export PATH=/usr/lib/postgresql/17/bin:$PATH PGHOST=/tmp PGUSER=postgres PGDATABASE=postgres
cd /tmp
initdb -D first -U postgres -A trust > /dev/null
echo "unix_socket_directories = '/tmp'" >> first/postgresql.conf
touch first/standby.signal
pg_ctl -D first -o '-p 5901' -w -l first.log start > /dev/null
pg_basebackup -D second -p 5901 -R -c fast
pg_ctl -D second -o '-p 5902' -w -l second.log start > /dev/null
export PGPORT=5901
python3 -c "
exec(open('/load.py').read())
own = gate.connect('host=/tmp port=5901')
print(gate.next_timeline(*gate.timeline_of(own), ${taken}))
"
pg_ctl -D first promote -w > /dev/null
psql -Atc "create table one as select 1; checkpoint; select timeline_id from pg_control_checkpoint()" | tail -1
for try in $(seq 100); do
  streams=$(psql -p 5902 -Atc "select received_tli from pg_stat_wal_receiver where status = 'streaming' and exists (select from pg_class where relname = 'one')")
  [ "$streams" = "$(psql -Atc 'select timeline_id from pg_control_checkpoint()')" ] && break
  sleep 0.1
done
echo "$streams"
`

const nodes = [0, 1, 2, 3]
const nameOf = (node: number): string => `pg-${node}`
const subsets = (of: readonly number[]): number[][] =>
  of.reduce<number[][]>((all, one) => all.concat(all.map((some) => [...some, one])), [[]])

function everyCase(): { claim: Claim; node: number; copies: number; of: number[] }[] {
  const claims = [null, ...nodes].flatMap((leader) =>
    subsets(nodes.filter((node) => node !== leader)).flatMap((standbys) =>
      (leader === null ? [1, 2] : [0, 1]).flatMap((ghosts) =>
        [0, 1, 2].map((quorum): Claim => ({ leader, standbys, ghosts, quorum })),
      ),
    ),
  )
  return claims.flatMap((claim) =>
    nodes.flatMap((node) =>
      subsets(nodes.filter((one) => one !== node))
        .filter((of) => of.length > 0)
        .flatMap((of) => [1, 2].map((copies) => ({ claim, node, copies, of }))),
    ),
  )
}

/** As Patroni keeps it: ghosts have names, and the first of them leads where nobody else does. */
function written({ leader, standbys, ghosts, quorum }: Claim): { leader: string; standbys: string[]; quorum: number } {
  const names = [...Array.from({ length: ghosts }, (_, index) => departed(index + 1)), ...standbys.map(nameOf)]
  return leader === null
    ? { leader: names[0] ?? '', standbys: names.slice(1), quorum }
    : { leader: nameOf(leader), standbys: names, quorum }
}

/** The database's image with the gate in it, and with more files. */
async function withTheGate(files: { content: string; target: string }[] = []): Promise<StartedTestContainer> {
  return new GenericContainer('blackstart/database')
    .withLabels({ 'blackstart.world': `contract-gate-${process.pid}` })
    .withEntrypoint(['sleep', '300'])
    .withCopyDirectoriesToContainer([{ source: join(packageRoot, 'regions/config/gate'), target: '/gate' }])
    .withCopyContentToContainer([{ content: load, target: '/load.py' }, ...files])
    .start()
}

test('the gate signs as the model does, and reads which standbys count', async () => {
  const cases = everyCase()
  expect(cases.length).toBeGreaterThan(5_000)
  const settings = [
    '',
    '*',
    'ANY 2 ("departed-1","pg-east-b","pg-west-a")',
    'ANY 1 ("pg-west-a")',
    '2 (a, b)',
    'FIRST 1 (a,b)',
    'pg-west-a',
  ]
  const content = JSON.stringify({
    settings,
    signed: cases.map(({ claim, node, copies, of }) => ({
      cluster: written(claim),
      node: nameOf(node),
      copies,
      names: of.map(nameOf),
    })),
  })
  await using container = await withTheGate([{ content, target: '/cases.json' }])
  const { stdout, stderr, exitCode } = await container.exec(['python3', '-c', runner])
  expect([exitCode, stderr]).toEqual([0, ''])
  const answer = JSON.parse(stdout) as {
    signed: { leader: string; sync_standby: string; quorum: number }[]
    read: [number, string[]][]
  }
  const expected = cases.map(({ claim, node, copies, of }) => {
    const { leader, standbys, ghosts, quorum } = signed(claim, node, { copies, of })
    return {
      leader: nameOf(leader!),
      voters: [
        ...Array.from({ length: ghosts }, (_, index) => departed(index + 1)),
        ...standbys.map(nameOf),
      ].toSorted(),
      quorum,
    }
  })
  expect(
    answer.signed.map(({ leader, sync_standby, quorum }) => ({
      leader,
      voters: sync_standby.split(',').toSorted(),
      quorum,
    })),
  ).toEqual(expected)
  expect(answer.read).toEqual([
    [0, []],
    [1, ['*']],
    [2, ['departed-1', 'pg-east-b', 'pg-west-a']],
    [1, ['pg-west-a']],
    [2, ['a', 'b']],
    [1, ['a', 'b']],
    [1, ['pg-west-a']],
  ])
})

// Two nodes that were promoted one after the other, the first of them replaced before anybody had heard of its
// timeline, would both be on timeline 2.
test.each([
  { taken: 0, timeline: 2 },
  { taken: 2, timeline: 3 },
  { taken: 4, timeline: 5 },
])(
  'where timelines up to $taken are taken, a node is promoted to $timeline, and its standby follows',
  async ({ taken, timeline }) => {
    await using container = await withTheGate()
    const { stdout, stderr, exitCode } = await container.exec(['bash', '-c', promotion(taken)])
    expect({ exitCode, stderr, stdout }).toMatchObject({
      exitCode: 0,
      stdout: `${timeline}\n${timeline}\n${timeline}\n`,
    })
  },
)

/**
 * A primary with two standbys. The first is cut off and to be promoted; the second has more by then, or not, and is
 * told to follow the first once it was asked how far it is.
 */
const following = (written: 'before the cut' | 'after the cut') => `
set -eu
export PATH=/usr/lib/postgresql/17/bin:$PATH PGHOST=/tmp PGUSER=postgres PGDATABASE=postgres
cd /tmp
start() { pg_ctl -D $1 -o "-p $2" -w -l $1.log start > /dev/null; }
told() { psql -p $1 -qc "alter system set primary_conninfo = '$2'" -c 'select pg_reload_conf()' > /dev/null; }
initdb -D primary -U postgres -A trust > /dev/null
echo "unix_socket_directories = '/tmp'" >> primary/postgresql.conf
start primary 5900
for name in first second; do pg_basebackup -D $name -p 5900 -R -c fast; done
start first 5901; start second 5902
write() { psql -p 5900 -qc 'create table more as select 1' -c 'checkpoint'; }
reached() { [ "$(psql -p $1 -Atc "select pg_last_wal_receive_lsn() >= '$2'")" = t ]; }
${written === 'before the cut' ? 'write' : ''}
for port in 5901 5902; do until reached $port "$(psql -p 5900 -Atc 'select pg_current_wal_flush_lsn()')"; do sleep 0.05; done; done
told 5901 ''
until [ -z "$(psql -p 5901 -Atc 'select pid from pg_stat_wal_receiver')" ]; do sleep 0.05; done
${written === 'after the cut' ? 'write' : ''}
until reached 5902 "$(psql -p 5900 -Atc 'select pg_current_wal_flush_lsn()')"; do sleep 0.05; done
pg_ctl -D primary -m immediate stop > /dev/null
python3 -c "
exec(open('/load.py').read())
import subprocess, time
cluster = {'leader': 'departed-1', 'standbys': ['first', 'second'], 'addresses': {'second': 'host=/tmp port=5902'}}
voters = followers.Voters('first')
found = followers.Followers(followers.connect('host=/tmp port=5901'), voters)
def until(condition):
    deadline = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < deadline, voters.problems()
        time.sleep(0.01)
def now():
    try:
        return found.now(cluster)
    except followers.Ahead as error:
        return str(error).split(' and ')[1]
followers.KEEP_S = 3600
voters.know(cluster['addresses'])
until(lambda: voters.known['second'].answer[0] > 0)
print('answers, and follows nobody:', now())
subprocess.run(['psql', '-p', '5902', '-qc', \\"alter system set primary_conninfo = 'host=/tmp port=5901 application_name=second'\\", '-c', 'select pg_reload_conf()'], check=True, stdout=subprocess.DEVNULL)
until(lambda: followers.ask(found.own, \\"select 1 from pg_stat_replication where state = 'streaming'\\"))
print('follows, and was asked before that:', now())
followers.KEEP_S = 0.02
voters.known.clear()
voters.know(cluster['addresses'])
until(now)
print('follows, and was asked since:', now())
print('follows, and counts for nothing:', found.now({**cluster, 'standbys': ['first', 'third']}))
"
`

test.each([
  { written: 'before the cut', found: "['second']" },
  { written: 'after the cut', found: 'must be promoted instead' },
] as const)(
  'a standby that follows counts once it was asked since, and is promoted instead where it has what was written $written',
  async ({ written, found }) => {
    await using container = await withTheGate()
    const { stdout, stderr } = await container.exec(['bash', '-c', following(written)])
    expect(stdout.trim().split('\n'), stderr).toEqual([
      'answers, and follows nobody: []',
      'follows, and was asked before that: []',
      `follows, and was asked since: ${found}`,
      'follows, and counts for nothing: []',
    ])
  },
)

const asked = `
ask() { GATE_PORT=5999 PGPORT=5901 bash /gate/ask.sh nobody nowhere:1 2> /tmp/asked; echo "$1: status $?, $(grep -c 'nobody waits' /tmp/asked) alone, $(grep -c 'not promoting' /tmp/asked) said here, $(grep -cs 'not promoting' /tmp/waiting) there"; }
wait_on() { python3 /gate/gate.py nobody nowhere:1 5999 2>> /tmp/waiting & until (exec 3<> /dev/tcp/127.0.0.1/5999 && read -r <&3) 2> /dev/null; do sleep 0.05; done; : > /tmp/waiting; }
: > /tmp/waiting
ask 'nobody waits'
wait_on; ask 'somebody waits'; ask 'once more'
kill -9 $!; ask 'killed'
export ARBITER=off
wait_on; ask 'without an arbiter'
`

test('who is to be promoted asks the gate that waits, or a new one where none does', async () => {
  await using container = await withTheGate()
  const { stdout, stderr } = await container.exec(['bash', '-c', asked])
  // That a node without a database is not let through shows that the gate was really asked.
  expect(stdout.trim().split('\n'), stderr).toEqual([
    'nobody waits: status 1, 1 alone, 1 said here, 0 there',
    'somebody waits: status 1, 0 alone, 0 said here, 1 there',
    'once more: status 1, 0 alone, 0 said here, 2 there',
    'killed: status 1, 1 alone, 1 said here, 2 there',
    'without an arbiter: status 0, 0 alone, 0 said here, 0 there',
  ])
})

const takenBack = `
exec(open('/load.py').read())
import socket
gate.connect = lambda address: None
gate.read_cluster = lambda: {"addresses": {}, "tenure": "1", "leader": "other", "standbys": [], "quorum": 0}
class Followers:
    now = lambda self, cluster: ["one"]
gate.Followers = lambda own, voters: Followers()
gate.sign = lambda cluster, own: True
os.environ["PGPORT"] = "1"
ours, theirs = socket.socketpair()
print(gate.attempt(followers.Voters('nobody'), lambda: not gate.has_left(ours)))
theirs.close()
print(gate.attempt(followers.Voters('nobody'), lambda: not gate.has_left(ours)))
`

test('a gate whose question was taken back signs nothing', async () => {
  await using container = await withTheGate()
  const { stdout, stderr } = await container.exec(['python3', '-c', takenBack])
  expect(stdout.trim().split('\n'), stderr).toEqual(['0', '1'])
  expect(stderr).toContain('nobody waits for it any more')
})

const asPatroni = `
exec(open('/load.py').read())
etcd = dcs.Dcs([os.environ["DCS"]], os.environ["DCS_PATRONI_PASSWORD"])
etcd.token = os.environ["TOKEN"]
for time in range(2):
    print(list(etcd.ask("/v3/kv/range", {"key": dcs.encode(gate.TIMELINE)})), etcd.token == os.environ["TOKEN"])
`

test('the gate takes a new token where etcd does not take the old one, and no other password will do', async () => {
  await using dcs = await Dcs.start()
  await using container = await withTheGate()
  const token = await dcs.tokenOf('patroni')
  const run = (tokenThere: string, password = users.patroni) =>
    container.exec(['python3', '-c', asPatroni], {
      env: { DCS: `${dcs.container.getIpAddress('bridge')}:2379`, TOKEN: tokenThere, DCS_PATRONI_PASSWORD: password },
    })
  const answers = async (there: string) => (await run(there)).stdout.trim().split('\n')
  expect(await answers(token)).toEqual(["['header'] True", "['header'] True"])
  expect(await answers('none that etcd gave')).toEqual(["['header'] False", "['header'] False"])
  await dcs.changeUsers()
  expect(await answers(token)).toEqual(["['header'] False", "['header'] False"])
  expect((await run(token, 'another')).stderr).toMatch(/Refused: answered b'HTTP\/1.0 400/)
})

test('a primary whose standbys are all gone acknowledges nothing until one has everything; nobody is promoted without it', async () => {
  const content = readFileSync(join(packageRoot, 'tests/contract/harness/alone.py'), 'utf8')
  await using container = await withTheGate([{ content, target: '/alone.py' }])
  const stories = async (rules: 'stock' | 'guarded') => {
    const { stdout, stderr, exitCode } = await container.exec(['python3', '/alone.py', rules, '1', '500'])
    expect(exitCode, stderr).toBe(0)
    return JSON.parse(stdout) as { lost: number; stuck: number[]; example: string[]; happened: Record<string, number> }
  }
  const guarded = await stories('guarded')
  expect(guarded.example).toEqual([])
  expect(guarded).toMatchObject({ lost: 0, stuck: [] })
  expect(guarded.happened).not.toHaveProperty('acknowledged with nobody')
  for (const what of ['alone', 'came back', 'came back behind', 'all went at once'])
    expect(guarded.happened[what], what).toBeGreaterThan(500)
  // Patroni's own rules: what is acknowledged then is lost with the primary's disk.
  expect((await stories('stock')).happened['acknowledged with nobody']).toBeGreaterThan(500)
})
