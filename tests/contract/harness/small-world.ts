/** A world of a few idle containers with the labels the harness reads; for driving one fault against a real engine. */

import { GenericContainer, type StartedTestContainer } from 'testcontainers'
import { DockerEngine } from '../../../chaos/engine/docker/engine.ts'
import type { Order } from '../../../chaos/faults/fault.ts'
import { View } from '../../../chaos/observers/view.ts'
import type { ToldTo } from '../../../chaos/scenarios/kinds.ts'
import { orderOf as order } from '../../../chaos/scenarios/order.ts'
import type { FaultKind, SpecOf } from '../../../chaos/scenarios/schema.ts'
import { down } from '../../../chaos/world/down.ts'
import { UndoLedger } from '../../../chaos/world/undo.ts'
import { type TestContext, testContext } from './context.ts'

export interface SmallWorld extends AsyncDisposable {
  name: string
  engine: DockerEngine
  context: TestContext
}

interface Disks {
  /** Service → the name of its volume, which is made for this world. */
  volumes?: Record<string, string>
  /** Those of them that are made for nobody. */
  foreign?: readonly string[]
}

/**
 * `nodes`: Compose service name → region. Each runs a shell with a child process, so that a kill has more than one to
 * kill.
 */
export async function smallWorld(
  name: string,
  nodes: Record<string, string>,
  { volumes = {}, foreign = [] }: Disks = {},
): Promise<SmallWorld> {
  const engine = new DockerEngine()
  await down(engine, name)
  const removeForeign = () =>
    Promise.all(
      foreign.map((each) =>
        engine.docker
          .getVolume(each)
          .remove()
          .catch(() => {}),
      ),
    )
  await removeForeign()
  for (const volume of Object.values(volumes))
    await engine.docker.createVolume({
      Name: volume,
      Labels: foreign.includes(volume) ? {} : { 'blackstart.world': name },
    })
  await Promise.all(
    Object.entries(nodes).map(([service, region]) => startNode(name, service, region, 'app', volumes[service])),
  )
  const topology = await engine.topology(name)
  return {
    name,
    engine,
    context: testContext({
      engine,
      topology,
      view: new View(),
      now: () => performance.now(),
      undo: new UndoLedger({ world: name, engine, topology: () => engine.topology(name) }),
    }),
    async [Symbol.asyncDispose]() {
      await down(engine, name)
      await removeForeign()
    },
  }
}

export function startNode(
  world: string,
  service: string,
  region: string,
  role = 'app',
  volume?: string,
): Promise<StartedTestContainer> {
  return new GenericContainer('blackstart/services')
    .withBindMounts(volume === undefined ? [] : [{ source: volume, target: '/data' }])
    .withEntrypoint(['sh'])
    .withCommand(['-c', 'sleep 600 & sleep 600 & wait'])
    .withLabels({
      'blackstart.world': world,
      'blackstart.role': role,
      'blackstart.region': region,
      'com.docker.compose.service': service,
    })
    .start()
}

/** A fault's specification as an order in this world, in which nobody plays a role. */
export function orderOf<K extends FaultKind>(
  spec: SpecOf<K>,
  { context }: Pick<SmallWorld, 'context'>,
): Order<ToldTo<K>> {
  return order(spec, context.topology, { primary: undefined })
}

export async function statesOf({ engine, name }: SmallWorld): Promise<Record<string, string>> {
  return Object.fromEntries((await engine.containers(name)).map(({ service, state }) => [service, state]).toSorted())
}
