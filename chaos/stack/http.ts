/** HTTP requests to a node, and the reason when it does not answer. */
import { messageOf } from '../errors.ts'
import { endpointOf, type Node } from '../topology/topology.ts'

/** Throws when the node publishes no port for that. */
export function urlOf(node: Node, purpose: string, path: string): string {
  const { host, port } = endpointOf(node, purpose)
  return `http://${host}:${port}${path}`
}

export async function jsonOf<T>(
  node: Node,
  purpose: string,
  path: string,
  { limitMs }: { limitMs: number },
): Promise<T> {
  const response = await fetch(urlOf(node, purpose, path), { signal: AbortSignal.timeout(limitMs) })
  return (await response.json()) as T
}

/** Of a request that failed: `fetch` says only that it did, and gives the reason as the cause. */
export function reasonOf(error: unknown): string {
  return messageOf(error instanceof Error && error.cause ? error.cause : error)
}
