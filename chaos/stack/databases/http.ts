/**
 * A database of any other kind, of which a URL says what role the node has. Nothing more is known of it: not who
 * follows it, nor whether it accepts writes.
 */
import type { Node } from '../../topology/topology.ts'
import { reasonOf, urlOf } from '../http.ts'
import type { DatabaseAdapter, LookAnswer, NoAnswer } from './adapter.ts'
import { isGone } from './connection.ts'

export const http: DatabaseAdapter = {
  canProbe: false,
  component: 'database',
  open: (node) => ({
    look: ({ limitMs }) => look(node, limitMs),
    followers: async () => ({ ok: true, followers: null }),
    probe: async () => ({ outcome: 'not tried', reason: 'a database that is asked by HTTP is given no write' }),
    close() {},
  }),
  version: async () => undefined,
  // biome-ignore lint/correctness/useYield: it has nothing to give
  async *written({ name }) {
    throw new Error(`what ${name} holds cannot be read by its kind "http": give an audit by HTTP, SQL or command`)
  },
}

async function look(node: Node, limitMs: number): Promise<LookAnswer> {
  const { path = '/', json = '', primary = 'primary' } = questionOf(node)
  try {
    // Whatever the status: health checks answer 503 and say the role in the body.
    const response = await fetch(urlOf(node, 'http', path), { signal: AbortSignal.timeout(limitMs) })
    return { ok: true, ...lookIn(await response.json(), { json, primary }) }
  } catch (error) {
    return noAnswer(error)
  }
}

function questionOf({ attributes }: Node) {
  const { 'database.http.path': path, 'database.http.json': json, 'database.http.primary': primary } = attributes
  return { path, json, primary }
}

/** `json`: the path to the role, such as `$.member.role` or `members.0.role`. */
export function lookIn(body: unknown, { json, primary }: { json: string; primary: string }) {
  const said = valueAt(body, json)
  const role = said === undefined || said === null ? 'unknown' : String(said) === primary ? 'primary' : 'standby'
  return { role, accepts: null, position: null, timeline: null } as const
}

function valueAt(body: unknown, path: string): unknown {
  const steps = path
    .replace(/^\$/, '')
    .split(/[.[\]]+/)
    .filter((step) => step !== '')
  return steps.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[step] : undefined,
    body,
  )
}

function noAnswer(error: unknown): NoAnswer {
  const cause = error instanceof Error && error.cause ? error.cause : error
  // An answer that is no JSON is an answer.
  return {
    ok: false,
    reason: reasonOf(error),
    definite: cause instanceof SyntaxError || isGone(cause),
    starting: cause instanceof SyntaxError,
  }
}
