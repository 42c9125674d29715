/** up, down, status and heal: worlds by hand. */
import { resolve } from 'node:path'
import { Engine, isVisitor } from '../world/engine.ts'
import { healWorld } from '../world/heal.ts'
import { lockOwner, lockWorld } from '../world/lock.ts'
import { notReady } from '../world/ready.ts'
import { UndoLedger } from '../world/undo.ts'
import { nodesOf, type Topology } from '../topology/topology.ts'
import { EnvironmentError } from '../errors.ts'
import { bringUp, takeDown } from './trials.ts'
import { untilInterrupted } from './interrupt.ts'
import { data, say } from './output.ts'

export async function bringWorldUp(world: string, files: string[] | undefined, asJson: boolean): Promise<number> {
  const engine = new Engine()
  const signal = untilInterrupted(() => `Part of the world ${world} may be up: "npx blackstart down --world ${world}" removes it`)
  await bringUp(engine, world, { files: files?.map((file) => resolve(file)), signal })
  const topology = await engine.topology(world)
  if (asJson) data(JSON.stringify(topology, null, 2))
  else data(addresses(topology))
  return 0
}

function addresses(topology: Topology): string {
  const entry = topology.nodes.find((node) => node.attributes['router.entry'])
  const lines = [
    ...(entry ? [`  clients enter at  http://127.0.0.1:${entry.ports['http']}`] : []),
    ...nodesOf(topology, 'database').map((node) => `  ${node.name.padEnd(16)}  psql -h 127.0.0.1 -p ${node.ports['sql']} -U ${node.attributes['database.user']} ${node.attributes['database.name']}`),
  ]
  return [...lines, `  npx blackstart run region-kill${topology.world === 'blackstart' ? '' : ` --world ${topology.world}`}`].join('\n')
}

export async function takeWorldDown(world: string): Promise<number> {
  const engine = new Engine()
  const owner = lockOwner(world)
  if (owner) throw new EnvironmentError(`the world ${world} is used by "${owner.command}" (process ${owner.pid}): end that first`)
  if (!(await engine.worlds()).has(world)) say(`there is no world ${world}; removing what else carries its label`)
  await takeDown(engine, world)
  return 0
}

export async function healCommand(world: string): Promise<number> {
  const engine = new Engine()
  using _lock = lockWorld(world)
  if (!(await engine.worlds()).has(world)) throw new EnvironmentError(`there is no world ${world}: nothing to heal`)
  const healed = await healWorld(engine, world)
  new UndoLedger({ world, engine, topology: () => engine.topology(world) }).clear()
  say(healed.length === 0 ? 'nothing was broken' : `healed:\n${healed.map((line) => `  ${line}`).join('\n')}`)
  return 0
}

export async function statusCommand(world: string, asJson: boolean): Promise<number> {
  const engine = new Engine()
  const worlds = await engine.worlds()
  if (!worlds.has(world)) {
    const others = [...worlds.keys()]
    if (asJson) data(JSON.stringify({ world, up: false, worlds: others }))
    else data(`the world ${world} is not up${others.length > 0 ? `; up: ${others.join(', ')}` : ''}`)
    return 3
  }
  const containers = (await engine.containers(world)).filter((container) => !isVisitor(container))
  const stopped = containers.filter((container) => container.state !== 'running').map((container) => `${container.service} is ${container.state}`)
  const topology = await engine.topology(world)
  const missing = [...stopped, ...(await notReady(topology))]
  const faults = new UndoLedger({ world, engine, topology: () => engine.topology(world) }).entries()
  const owner = lockOwner(world)
  if (asJson) {
    data(JSON.stringify({ world, up: true, ready: missing.length === 0, missing, faults, usedBy: owner ?? null, nodes: topology.nodes.map(({ name, role, site, ports }) => ({ name, role, site, ports })) }, null, 2))
  } else {
    data(`the world ${world}: ${containers.length} containers, ${missing.length === 0 ? 'ready' : 'not ready'}${owner ? `, used by "${owner.command}" (process ${owner.pid})` : ''}`)
    for (const line of missing) data(`  ${line}`)
    for (const fault of faults) data(`  fault ${fault.faultId} is not healed (by process ${fault.owner.pid}, since ${fault.writtenAt}): "npx blackstart heal" heals it`)
    data(addresses(topology))
  }
  return missing.length === 0 ? 0 : 2
}
