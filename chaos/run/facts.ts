/** What the first event says about the machine, the components and ourselves. */
import { execFile } from 'node:child_process'
import { cpus, release, totalmem } from 'node:os'
import { promisify } from 'node:util'
import packageJson from '../../package.json' with { type: 'json' }
import type { Engine } from '../engine/docker.ts'
import type { EventOf } from '../journal/schema.ts'
import { k6Image } from '../load/generator.ts'
import { workRoot } from '../roots.ts'
import { type Node, nodesOf, type Topology } from '../topology/topology.ts'
import { systemIdentifierBy, withClient } from './audit.ts'

const limitMs = 2_000

type Opened = EventOf<'trial.opened'>

export async function hostFacts(engine: Engine): Promise<Opened['host']> {
  return {
    cores: cpus().length,
    memoryBytes: totalmem(),
    kernel: release(),
    platform: `${process.platform} ${process.arch}`,
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
  const first = (role: Parameters<typeof nodesOf>[1]) => nodesOf(topology, role)[0]
  const database = first('database')
  const dcs = first('dcs')
  const link = first('link')
  const asked: [string, Promise<string | undefined>][] = [
    ['postgresql', database ? postgresVersion(database) : Promise.resolve(undefined)],
    [
      'patroni',
      json(
        database?.ports['rest'],
        '/patroni',
        (body) => (body['patroni'] as { version?: string } | undefined)?.version,
      ),
    ],
    ['etcd', json(dcs?.ports['client'], '/version', (body) => body['etcdserver'] as string | undefined)],
    ['toxiproxy', json(link?.ports['api'], '/version', (body) => body['version'] as string | undefined)],
    ['k6', Promise.resolve(k6Image.split(':')[1])],
  ]
  const versions = await Promise.all(
    asked.map(async ([name, version]) => [name, await version.catch(() => undefined)] as const),
  )
  return Object.fromEntries(versions.flatMap(([name, version]) => (version ? [[name, version]] : [])))
}

async function json(
  port: number | undefined,
  path: string,
  pick: (body: Record<string, unknown>) => string | undefined,
): Promise<string | undefined> {
  if (port === undefined) return undefined
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(limitMs) })
  return pick((await response.json()) as Record<string, unknown>)
}

async function postgresVersion(node: Node): Promise<string | undefined> {
  return withClient(
    node,
    async (client) => (await client.query<{ server_version: string }>('show server_version')).rows[0]?.server_version,
  )
}

/** PostgreSQL's own name for the cluster, which every member of it has; undefined where none answers. */
export async function systemIdentifier(topology: Topology): Promise<string | undefined> {
  const asked = nodesOf(topology, 'database').map((node) => withClient(node, systemIdentifierBy))
  return Promise.any(asked).catch(() => undefined)
}
