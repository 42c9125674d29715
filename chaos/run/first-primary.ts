/** Waits for the primary at the start of a trial; where none comes, says what each database answers. */
import { InstrumentError } from '../errors.ts'
import type { View } from '../observers/view.ts'
import { adapterOf } from '../stack/databases/kinds.ts'
import { type Node, nodesOf, type Topology, tellsRoleOnly } from '../topology/topology.ts'
import { WaitError, waitUntil } from '../wait.ts'

interface Options {
  topology: Topology
  view: Pick<View, 'primary' | 'databases'>
  signal: AbortSignal
  limitMs?: number
}
/** Of each question afterwards. */
const answerLimitMs = 2_000

/**
 * The primary once it is seen to commit, or says that it is one where nobody can be asked to commit; undefined in a world
 * without databases.
 * @throws InstrumentError with what each database answers
 */
export async function firstPrimary({ topology, view, signal, limitMs = 15_000 }: Options): Promise<Node | undefined> {
  const databases = nodesOf(topology, 'database')
  if (databases.length === 0) return undefined
  // Where nobody can be asked to commit, there is no better word than its own.
  const until = databases.some(tellsRoleOnly)
    ? 'a database says that it is primary'
    : 'a database node commits the probe write'
  try {
    return await waitUntil<Node>(
      async () => {
        const name = view.primary()
        const primary = databases.find((node) => node.name === name)
        return primary && (tellsRoleOnly(primary) || view.databases.get(primary.name)?.accepting)
          ? { done: true, value: primary }
          : { done: false, seen: `primary ${name ?? 'unknown'}` }
      },
      { until, limitMs, signal },
    )
  } catch (error) {
    if (!(error instanceof WaitError)) throw error
    const answers = await Promise.all(databases.map(answerOf))
    throw new InstrumentError(`${error.message}; ${answers.join('; ')}`, { cause: error })
  }
}

/** What a database answers to the same questions now, in a line. */
async function answerOf(node: Node): Promise<string> {
  if (Object.keys(node.ports).length === 0) return `${node.name}: does not run`
  const adapter = adapterOf(node)
  const session = adapter.open(node)
  try {
    const look = await session.look({ limitMs: answerLimitMs })
    if (!look.ok) return `${node.name}: ${look.reason}`
    if (look.role === 'standby' || !adapter.canProbe) return `${node.name}: says that its role is ${look.role}`
    const probe = await session.probe({ limitMs: answerLimitMs })
    return `${node.name}: ${probe.outcome === 'committed' ? 'commits it now' : probe.reason}`
  } finally {
    session.close()
  }
}
