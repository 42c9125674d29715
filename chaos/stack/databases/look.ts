/** A database asked once: who it is, and who follows it. */
import { messageOf } from '../../errors.ts'
import type { Node } from '../../topology/topology.ts'
import type { Follower, Look, NoAnswer } from './adapter.ts'
import { adapterOf } from './kinds.ts'

export type DatabaseLook =
  | { error: string }
  /** `standbys`: null where it is a standby itself, or where its kind does not know them. */
  | (Pick<Look, 'role' | 'timeline'> & { standbys: Follower[] | null })

export async function lookAtDatabase(
  node: Node,
  { limitMs, nodes }: { limitMs: number; nodes: readonly Node[] },
): Promise<DatabaseLook> {
  // A container that does not run publishes nothing.
  if (Object.keys(node.ports).length === 0) return { error: 'does not run' }
  const session = adapterOf(node).open(node, nodes)
  const failed = ({ reason }: NoAnswer) => ({ error: reason })
  try {
    const look = await session.look({ limitMs })
    if (!look.ok) return failed(look)
    const { role, timeline } = look
    if (role !== 'primary') return { role, timeline, standbys: null }
    const answer = await session.followers({ limitMs })
    return answer.ok ? { role, timeline, standbys: answer.followers } : failed(answer)
  } catch (error) {
    return { error: messageOf(error) }
  } finally {
    session.close()
  }
}
