/**
 * Can what clients wrote be read back? Asked while nothing is broken yet: a wrong query would be found only at the end
 * of the trial, and then nothing is known of losses.
 */
import { setTimeout as delay } from 'node:timers/promises'
import { messageOf, UsageError } from '../errors.ts'
import type { EventOf } from '../journal/schema.ts'
import { rampMs } from '../limits.ts'
import { adapterOf } from '../stack/databases/kinds.ts'
import { type Node, nodesOf, type Topology } from '../topology/topology.ts'

/** A wrong query is refused at once. Whoever does not answer in time is busy; the audit waits longer, and will tell. */
const late = /timed? ?out|no answer within/i

interface Asked {
  topology: Topology
  /** Who reads, as the journal says: every database, where it says nothing. Apps and commands are not asked. */
  auditors: EventOf<'trial.opened'>['audit']
  trialId: string
}

/**
 * Asks when clients have written for a while. Nobody waits for the answer: the fault comes at the moment that was drawn.
 */
export function askedWhetherReadable({ signal, ...asked }: Asked & { signal: AbortSignal }): { throwIfKnown(): void } {
  let why: string | undefined
  void delay(rampMs, undefined, { signal })
    .then(() => whyUnreadable(asked))
    .then(
      (said) => (why = said),
      () => {},
    )
  return {
    throwIfKnown() {
      if (why === undefined) return
      throw new UsageError(
        `what clients wrote cannot be read back: ${why}; correct audit.writes, or the "database" of these nodes, in blackstart.yaml or in their labels`,
      )
    },
  }
}

/** Why not, of the first database that does not answer; undefined where all do, and where a database says nothing of it. */
export async function whyUnreadable({ topology, auditors, trialId }: Asked): Promise<string | undefined> {
  const databases = nodesOf(topology, 'database')
  const asked =
    auditors === undefined
      ? databases
      : databases.filter(({ name }) => auditors.by === 'database' && auditors.nodes.includes(name))
  return (await Promise.all(asked.map((node) => refusalOf(node, trialId)))).find((why) => why !== undefined)
}

async function refusalOf(node: Node, trialId: string): Promise<string | undefined> {
  const what = node.attributes['audit.writes']
  if (what === undefined) return undefined
  try {
    // The first key tells enough.
    for await (const _ of adapterOf(node).written(node, { prefix: `${trialId}-`, what })) break
    return undefined
  } catch (error) {
    if (late.test(messageOf(error))) return undefined
    return `${node.name} says: ${messageOf(error)} ("${what}")`
  }
}
