/** Collects what the journal's first event records: facts about the machine, the components and Blackstart itself. */

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import packageJson from '../../package.json' with { type: 'json' }
import type { Engine } from '../engine/engine.ts'
import { thisMachine } from '../host/machine.ts'
import type { EventOf } from '../journal/schema.ts'
import { k6Version } from '../load/generator.ts'
import { workRoot } from '../roots.ts'
import { adapterOf } from '../stack/databases/kinds.ts'
import { etcdVersion } from '../stack/etcd.ts'
import { patroniVersion } from '../stack/patroni.ts'
import { systemIdentifierBy, withClient } from '../stack/postgres.ts'
import { toxiproxyVersion } from '../stack/toxiproxy.ts'
import { isPostgres, type Node, nodesOf, type Role, type Topology } from '../topology/topology.ts'

const limitMs = 2_000
const queryLimits = { queryLimitMs: 60_000 }

type Opened = EventOf<'trial.opened'>

export async function hostFacts(engine: Engine): Promise<Opened['host']> {
  return {
    ...thisMachine.facts(),
    engine: await engine.version(),
  }
}

export async function harnessFacts(): Promise<Opened['harness']> {
  return { version: packageJson.version, commit: await commitOf(workRoot()), node: process.version }
}

/** The commit of the working tree, with "+changes" when it holds more; "unknown" outside a repository. */
async function commitOf(folder: string): Promise<string> {
  const git = async (...args: string[]) =>
    (await promisify(execFile)('git', args, { cwd: folder, timeout: limitMs })).stdout.trim()
  try {
    const [commit, changes] = await Promise.all([
      git('rev-parse', '--short=12', 'HEAD'),
      git('status', '--porcelain', '--untracked-files=no'),
    ])
    return changes ? `${commit}+changes` : commit
  } catch {
    return 'unknown'
  }
}

/** Component → version, as one node of each kind says itself. A component that does not say is left out. */
export async function componentVersions(topology: Topology): Promise<Record<string, string>> {
  const askOne = async (role: Role, ask: (node: Node) => Promise<string | undefined>) => {
    const [node] = nodesOf(topology, role)
    return node && ask(node)
  }
  const [database] = nodesOf(topology, 'database')
  const asked: [string, Promise<string | undefined>][] = [
    ...(database ? [databaseVersion(database)] : []),
    ['patroni', askOne('database', (node) => patroniVersion(node, { limitMs }))],
    ['etcd', askOne('dcs', (node) => etcdVersion(node, { limitMs }))],
    ['toxiproxy', askOne('link', (node) => toxiproxyVersion(node, { limitMs }))],
    ['k6', Promise.resolve(k6Version)],
  ]
  const versions = await Promise.all(
    asked.map(async ([name, version]) => [name, await version.catch(() => undefined)] as const),
  )
  return Object.fromEntries(versions.flatMap(([name, version]) => (version ? [[name, version]] : [])))
}

function databaseVersion(node: Node): [string, Promise<string | undefined>] {
  const adapter = adapterOf(node)
  return [adapter.component, adapter.version(node)]
}

/** PostgreSQL's own name for the cluster, which every member of it has; undefined where none answers. */
export async function systemIdentifier(topology: Topology): Promise<string | undefined> {
  const postgres = nodesOf(topology, 'database').filter(isPostgres)
  const asked = postgres.map((node) => withClient(node, queryLimits, systemIdentifierBy))
  return Promise.any(asked).catch(() => undefined)
}
