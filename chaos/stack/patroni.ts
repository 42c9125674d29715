/** Patroni's REST API, which each database node has. */
import { InstrumentError, messageOf } from '../errors.ts'
import type { Node } from '../topology/topology.ts'
import { patroniAuthorization } from './access.ts'
import { jsonOf, urlOf } from './http.ts'

export async function patroniVersion(node: Node, limits: { limitMs: number }): Promise<string | undefined> {
  return (await jsonOf<{ patroni?: { version?: string } }>(node, 'rest', '/patroni', limits)).patroni?.version
}

/**
 * Asks a cluster to move its primary. Patroni answers when it has finished; its own time limit is several of its loops.
 * @throws InstrumentError with its words
 */
export async function switchOver(leader: Node, candidate: Node, { limitMs }: { limitMs: number }): Promise<void> {
  try {
    const response = await fetch(urlOf(leader, 'rest', '/switchover'), {
      method: 'POST',
      headers: patroniAuthorization(leader),
      body: JSON.stringify({ leader: leader.name, candidate: candidate.name }),
      signal: AbortSignal.timeout(limitMs),
    })
    const said = (await response.text()).trim()
    if (!response.ok) throw new Error(`${response.status}: ${said}`)
  } catch (error) {
    throw new InstrumentError(
      `${leader.name} was asked to hand over to ${candidate.name} and did not: ${messageOf(error)}`,
      { cause: error },
    )
  }
}
