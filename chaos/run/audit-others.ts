/** Reads everything that is stored where no database is asked for it: through apps, or by a command in containers. */
import { setTimeout as delay } from 'node:timers/promises'
import type { Recorder } from '../journal/schema.ts'
import { type Node, nodesAskedByHttp, type Topology } from '../topology/topology.ts'
import { type CommandOptions, nodesToRunIn, readByCommand, unlessAllSilent } from './audit-command.ts'
import { readByHttp } from './audit-http.ts'
import { progressOf } from './audit-progress.ts'
import { type Reading, readUntilAgreed } from './audit-rounds.ts'

/** Longer than any app holds a write. */
const quietMs = 1_500

/** Over HTTP, for a system of one's own. `writes`: numbers of all writes that clients sent. */
export async function auditByHttp(options: {
  topology: Topology
  http: { path: string; present: number }
  trialId: string
  writes: readonly number[]
  record: Recorder
  nowMs: () => number
  signal: AbortSignal
}): Promise<void> {
  const { topology, record, signal, writes } = options
  const nodes = nodesAskedByHttp(topology)
  const readOne = (node: Node) =>
    readByHttp(node, { ...options, progress: progressOf(node.name, record, { of: writes.length }) })
  await readOthers(() => Promise.all(nodes.map(readOne)), { record, signal })
}

/** The same by a command in containers. `acknowledged`: how many writes were. */
export async function auditByCommand(
  options: Omit<CommandOptions, 'progress'> & {
    topology: Topology
    acknowledged: number
    record: Recorder
    signal: AbortSignal
  },
): Promise<void> {
  const { topology, command, record, signal, acknowledged } = options
  const nodes = nodesToRunIn(command, topology)
  const readAll = async () => {
    const readings = await Promise.all(
      nodes.map((node) => readByCommand(node, { ...options, progress: progressOf(node.name, record) })),
    )
    return unlessAllSilent(readings, command, acknowledged)
  }
  await readOthers(readAll, { record, signal })
}

async function readOthers(
  readAll: () => Promise<Reading[]>,
  { record, signal }: { record: Recorder; signal: AbortSignal },
): Promise<void> {
  const pause = () => delay(quietMs, undefined, { signal })
  // A write that its client gave up on may still be under way.
  await pause()
  await readUntilAgreed({ readAll, pause, record })
}
