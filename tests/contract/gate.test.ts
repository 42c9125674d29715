// Goal: the gate that runs before each promotion signs what the model in tests/unit/arbiter was searched with, and reads what PostgreSQL says.
//
// Method: the script itself, by the Python that runs it, in the image that it runs in; every /sync and every commit rule of four nodes.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GenericContainer } from 'testcontainers'
import { expect, test } from 'vitest'
import { projectRoot } from '../../chaos/world/state.ts'
import { departed } from '../../services/arbiter/decide.ts'
import { signed, type Claim } from '../unit/arbiter/model.ts'

process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'

const runner = `
import importlib.util, json, sys
sys.argv = ["gate", "nobody", "nowhere:1"]
spec = importlib.util.spec_from_file_location("gate", "/gate.py")
gate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(gate)
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

const nodes = [0, 1, 2, 3]
const nameOf = (node: number): string => `pg-${node}`
const subsets = (of: readonly number[]): number[][] => of.reduce<number[][]>((all, one) => [...all, ...all.map((some) => [...some, one])], [[]])

function everyCase(): { claim: Claim; node: number; copies: number; of: number[] }[] {
  const claims = [null, ...nodes].flatMap((leader) => subsets(nodes.filter((node) => node !== leader)).flatMap((standbys) =>
    (leader === null ? [1, 2] : [0, 1]).flatMap((ghosts) => [0, 1, 2].map((quorum): Claim => ({ leader, standbys, ghosts, quorum })))))
  return claims.flatMap((claim) => nodes.flatMap((node) => subsets(nodes.filter((one) => one !== node)).filter((of) => of.length > 0)
    .flatMap((of) => [1, 2].map((copies) => ({ claim, node, copies, of })))))
}

/** As Patroni keeps it: ghosts have names, and the first of them leads where nobody else does. */
function written({ leader, standbys, ghosts, quorum }: Claim): { leader: string; standbys: string[]; quorum: number } {
  const names = [...Array.from({ length: ghosts }, (_, index) => departed(index + 1)), ...standbys.map(nameOf)]
  return leader === null ? { leader: names[0] ?? '', standbys: names.slice(1), quorum } : { leader: nameOf(leader), standbys: names, quorum }
}

test('the gate signs as the model does, and reads which standbys count', async () => {
  const cases = everyCase()
  expect(cases.length).toBeGreaterThan(5_000)
  const settings = ['', '*', 'ANY 2 ("departed-1","pg-east-b","pg-west-a")', 'ANY 1 ("pg-west-a")', '2 (a, b)', 'FIRST 1 (a,b)', 'pg-west-a']
  const content = JSON.stringify({
    settings, signed: cases.map(({ claim, node, copies, of }) => ({ cluster: written(claim), node: nameOf(node), copies, names: of.map(nameOf) })),
  })
  await using container = await new GenericContainer('blackstart/database')
    .withLabels({ 'blackstart.world': `contract-gate-${process.pid}` })
    .withEntrypoint(['sleep', '300'])
    .withCopyContentToContainer([
      { content: readFileSync(join(projectRoot, 'regions/config/before-promotion.py'), 'utf8'), target: '/gate.py' },
      { content, target: '/cases.json' },
    ])
    .start()
  const { stdout, stderr, exitCode } = await container.exec(['python3', '-c', runner])
  expect([exitCode, stderr]).toEqual([0, ''])
  const answer = JSON.parse(stdout) as { signed: { leader: string; sync_standby: string; quorum: number }[]; read: [number, string[]][] }
  const expected = cases.map(({ claim, node, copies, of }) => {
    const { leader, standbys, ghosts, quorum } = signed(claim, node, { copies, of })
    return { leader: nameOf(leader!), voters: [...Array.from({ length: ghosts }, (_, index) => departed(index + 1)), ...standbys.map(nameOf)].toSorted(), quorum }
  })
  expect(answer.signed.map(({ leader, sync_standby, quorum }) => ({ leader, voters: sync_standby.split(',').toSorted(), quorum }))).toEqual(expected)
  expect(answer.read).toEqual([
    [0, []], [1, ['*']], [2, ['departed-1', 'pg-east-b', 'pg-west-a']], [1, ['pg-west-a']], [2, ['a', 'b']], [1, ['a', 'b']], [1, ['pg-west-a']],
  ])
})
