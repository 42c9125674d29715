// Goal: a Toxiproxy that says it removed a toxic and keeps it does not count as healed.
//
//   beacon-east ──► Toxiproxy ──► beacon-west, and back        this test ──► its API ──► Toxiproxy
//                                                                              └ loses what is to be deleted
// Method: real beacons, the real Toxiproxy and the faults as a trial runs them; only the API stands behind a go-between.
import { type ChildProcess, spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { GenericContainer } from 'testcontainers'
import { afterAll, expect, test } from 'vitest'
import type { Recorder } from '../../chaos/journal/schema.ts'
import { observeBeacon } from '../../chaos/observers/beacons.ts'
import { View } from '../../chaos/observers/view.ts'
import { packageRoot } from '../../chaos/roots.ts'
import { ActiveFaults } from '../../chaos/run/active-faults.ts'
import { expectationOf } from '../../chaos/run/expectation.ts'
import { prove } from '../../chaos/run/proof.ts'
import type { FaultSpec } from '../../chaos/scenarios/schema.ts'
import type { Node, Role, Topology } from '../../chaos/topology/topology.ts'
import { UndoLedger } from '../../chaos/world/undo.ts'
import { engineSaying } from '../unit/run/small-topology.ts'
import { freePort } from './harness/free-port.ts'
import { checkOf, PaperTrial } from './harness/paper-trial.ts'

process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'

const world = 'blackstart-test-toxic'
const hang: FaultSpec = {
  kind: 'hang',
  target: { scope: 'link', sites: ['east', 'west'] },
  atMs: 0,
  forMs: 1_000,
  resolve: 'start',
}
const cleanUp = new AsyncDisposableStack()
afterAll(() => cleanUp.disposeAsync())

/** Passes on what it is asked; while `keeps` says so, it answers a deletion as Toxiproxy does, and forgets it. */
async function goBetween(apiPort: number, keeps: () => boolean): Promise<number> {
  const server = createServer(async (request, response) => {
    if (request.method === 'DELETE' && keeps()) return void response.writeHead(204).end()
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const answer = await fetch(`http://127.0.0.1:${apiPort}${request.url}`, {
      method: request.method ?? 'GET',
      ...(parts.length > 0 && { body: Buffer.concat(parts) }),
    })
    response.writeHead(answer.status).end(answer.status === 204 ? undefined : await answer.text())
  }).listen(0, '127.0.0.1')
  cleanUp.defer(() => void server.close())
  await new Promise((resolve) => server.once('listening', resolve))
  return (server.address() as AddressInfo).port
}

async function startToxiproxy(apiPort: number, proxies: Record<string, { listen: number; upstream: number }>) {
  const config = Object.entries(proxies).map(([name, { listen, upstream }]) => ({
    name,
    listen: `127.0.0.1:${listen}`,
    upstream: `127.0.0.1:${upstream}`,
    enabled: true,
  }))
  const toxiproxy = await new GenericContainer('blackstart/link')
    .withLabels({ 'blackstart.world': world })
    .withNetworkMode('host')
    .withEntrypoint(['toxiproxy'])
    .withCommand(['-host=127.0.0.1', `-port=${apiPort}`, '-config=/tmp/link.json'])
    .withCopyContentToContainer([{ content: JSON.stringify(config), target: '/tmp/link.json' }])
    .start()
  cleanUp.defer(async () => void (await toxiproxy.stop({ timeout: 0 })))
}

function startBeacon(env: Record<string, string>): ChildProcess {
  const beacon = spawn(process.execPath, [join(packageRoot, 'services/beacon/beacon.ts')], { env, stdio: 'inherit' })
  cleanUp.defer(() => void beacon.kill('SIGKILL'))
  return beacon
}

/** East and west with a beacon each, which hear each other through one Toxiproxy. */
async function twoSites(keeps: () => boolean): Promise<Topology> {
  const [api, toEast, toWest] = [await freePort(), await freePort(), await freePort()]
  const east = { ping: await freePort(), status: await freePort() }
  const west = { ping: await freePort(), status: await freePort() }
  await startToxiproxy(api, {
    'beacon-west': { listen: toWest, upstream: west.ping },
    'beacon-east': { listen: toEast, upstream: east.ping },
  })
  const told = (site: string, { ping, status }: typeof east, peer: string) => ({
    SITE: site,
    PING_PORT: String(ping),
    STATUS_PORT: String(status),
    PEERS: peer,
  })
  startBeacon(told('east', east, `west=127.0.0.1:${toWest}`))
  startBeacon(told('west', west, `east=127.0.0.1:${toEast}`))
  const node = (name: string, role: Role, site: string, ports: Record<string, number>): Node => ({
    name,
    role,
    site,
    ports,
    attributes: {},
  })
  return {
    world,
    sites: [
      { name: 'east', kind: 'region' },
      { name: 'west', kind: 'region' },
    ],
    nodes: [
      node('beacon-east', 'beacon', 'east', { status: east.status }),
      node('beacon-west', 'beacon', 'west', { status: west.status }),
      node('link-east-west', 'link', '', { api: await goBetween(api, keeps) }),
    ],
    links: [{ name: 'link-east-west', sites: ['east', 'west'], latencyMs: 0 }],
    timeouts: {},
  }
}

test('planted defect: a Toxiproxy that keeps a toxic is not proved to be healed', async () => {
  let keeps = false
  const topology = await twoSites(() => keeps)
  const trial = new PaperTrial('toxic')
  const view = new View()
  const record: Recorder = (body, atMs = trial.now()) => {
    trial.record(body, atMs)
    view.see({ seq: 0, atMs, ...body })
  }
  for (const beacon of topology.nodes.filter(({ role }) => role === 'beacon')) {
    const observer = observeBeacon(beacon, { now: trial.now, record })
    cleanUp.defer(() => observer.stop())
  }
  const engine = engineSaying(topology)
  await prove({ topology, view, engine, expectation: () => expectationOf(topology, []), limitMs: 20_000 })
  const undo = new UndoLedger({ world, engine, topology: async () => topology })
  const faults = new ActiveFaults({ topology, engine, undo, view, now: trial.now, healProofLimitMs: 6_000 }, record)
  const inject = async (faultId: string) =>
    faults.inject(await faults.plan(hang, faultId, { primary: undefined }), AbortSignal.timeout(20_000))

  expect(await inject('sound'), 'proved').toBeUndefined()
  expect(await faults.heal('sound'), 'healed').toBeUndefined()
  keeps = true
  expect(await inject('kept'), 'proved').toBeUndefined()
  expect(await faults.heal('kept')).toContain('west does not hear east')
  keeps = false
  await undo.undo('kept')

  record({ kind: 'trial.closed', reason: 'completed' })
  const verdict = trial.verdict(topology, { failedRequests: 0 })
  expect(verdict.verdict).toBe('inconclusive')
  expect(checkOf(verdict, 'heal-proved')).toMatchObject({ holds: false, detail: expect.stringContaining('hang') })
})
