/** The store: Redis, and the sentinels that watch it. */
import { Redis } from 'ioredis'
import { messageOf } from '../errors.ts'
import { endpointOf, type Node } from '../topology/topology.ts'
import { passwordOf } from './access.ts'

/**
 * A client of a node's own port that gives up after the limit, and does not try again: callers want the present state.
 * It connects at the first command.
 */
export function storeClient(
  node: Node,
  { limitMs, commandLimitMs = limitMs }: { limitMs: number; commandLimitMs?: number },
): Redis {
  const client = new Redis({
    ...endpointOf(node, 'redis'),
    lazyConnect: true,
    connectTimeout: limitMs,
    commandTimeout: commandLimitMs,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    // Only the commands that are asked for are sent.
    enableReadyCheck: false,
    disableClientInfo: true,
  })
  // Each command that fails reports it, too.
  client.on('error', () => {})
  return client
}

/** What a node answered to a command. */
export type StoreAnswer = { said: unknown } | { refused: string } | 'none'

/**
 * Asks one thing, after giving the node's password, where its labels name one. Does not reject if the node answers with
 * an error.
 */
export async function askStore(
  node: Node,
  [command, ...args]: [string, ...string[]],
  { limitMs }: { limitMs: number },
): Promise<StoreAnswer> {
  const password = passwordOf(node.attributes['store.password'])
  if (node.ports['redis'] === undefined) return 'none'
  const client = storeClient(node, { limitMs })
  try {
    const answers = [...(password === undefined ? [] : [client.call('AUTH', password)]), client.call(command, ...args)]
    return { said: (await Promise.all(answers)).at(-1) }
  } catch (error) {
    // Only an error that the node itself sent counts as an answer.
    return error instanceof Error && error.name === 'ReplyError' ? { refused: messageOf(error) } : 'none'
  } finally {
    client.disconnect()
  }
}

/** What a sentinel knows of the primary that it watches; undefined where it does not answer, empty where it knows none. */
export async function sentinelKnows(
  sentinel: Node,
  watched: string,
  limits: { limitMs: number },
): Promise<Map<string, string> | undefined> {
  const answer = await askStore(sentinel, ['SENTINEL', 'MASTER', watched], limits)
  if (answer === 'none') return undefined
  const fields = 'said' in answer && Array.isArray(answer.said) ? answer.said.map(String) : []
  return new Map(fields.flatMap((name, index) => (index % 2 === 0 ? [[name, fields[index + 1] ?? '']] : [])))
}
