/**
 * What Blackstart asks of a database, whatever kind it is. What a kind cannot tell is null: the verdict then says that
 * it was not observed.
 */
import type { Node } from '../../topology/topology.ts'

/** Who follows a primary. */
export interface Follower {
  /** The node's name; "a standby at <address>" where nothing says which node that is. */
  node: string
  /** "streaming" while it receives what the primary commits; otherwise the database's own word. */
  state: string
  /** The database's own word: "sync", "quorum", "async". */
  sync: string
  /** How far behind the primary it is; null where the database does not say. */
  lagBytes: number | null
}

export interface Look {
  /** By the database's own word, which is no evidence that it accepts writes. */
  role: 'primary' | 'standby' | 'unknown'
  /** Whether it would accept a write, without trying; null where only a try can tell. */
  accepts: boolean | null
  /** Up to where it has the data, in the database's own words; null where it does not say. */
  position: string | null
  /** A number that grows with each promotion; null for databases that count none. */
  timeline: number | null
}

/** The question was not answered, or with an error. */
export interface NoAnswer {
  ok: false
  reason: string
  /** The node itself (or its absence) said no, so this is a sample and not a gap. */
  definite: boolean
  /** It runs, and says that it is not ready yet. */
  starting: boolean
}

/** `missing`: the right that its user does not have, with the grant, where it is for want of it that something is not told. */
export type LookAnswer = ({ ok: true; missing?: string } & Look) | NoAnswer
/** `followers` is null where the database does not know them, or does not tell its user. */
export type FollowersAnswer = { ok: true; followers: Follower[] | null; missing?: string } | NoAnswer

/** One write of ours, in a place of ours. */
export type Probe =
  | { outcome: 'committed'; timeline: number | null }
  | { outcome: 'refused'; reason: string; definite: boolean }
  /** It could not be tried: `reason` says why, and what to do about it. Whether the node accepts writes is not known. */
  | { outcome: 'not tried'; reason: string }

/**
 * A connection to one node, at its own port. It opens at the first question, and again after it was lost. Each question
 * waits for the one before. Questions never reject.
 */
export interface DatabaseSession {
  look(options: { limitMs: number }): Promise<LookAnswer>
  /** Who follows it. Asked apart from its role, and less often. */
  followers(options: { limitMs: number }): Promise<FollowersAnswer>
  /** Whether it commits a write now. May wait for as long as the database lets a commit wait for replication. */
  probe(options: { limitMs: number }): Promise<Probe>
  close(): void
}

export interface DatabaseAdapter {
  /** Whether a probe is possible at all with this kind. */
  canProbe: boolean
  /** The name of the component in the journal's list of versions. */
  component: string
  /** `nodes`: the world's databases, to find out who follows whom. */
  open(node: Node, nodes?: readonly Node[]): DatabaseSession
  /** As the node says itself; undefined where it does not say. @throws where it does not answer */
  version(node: Node): Promise<string | undefined>
  /**
   * Every stored key that begins with the prefix, for the audit. `what` says where they are: an SQL query, or the name
   * of a Redis key with `{{key}}` in it.
   * @throws Error where the node does not answer, or where this kind cannot be read
   */
  written(node: Node, options: { prefix: string; what: string }): AsyncIterable<string>
  /** The rows of an SQL query that says what must hold for the stored data; kinds without SQL have none of it. */
  rules?(node: Node, sql: string): Promise<Rule[]>
}

export interface Rule {
  name: string
  holds: boolean
  detail: string
}

/** @throws Error naming the column that is missing, or is no answer */
export function ruleIn(row: Record<string, unknown>): Rule {
  const { name, holds, detail } = row
  if (typeof name !== 'string' || name === '' || ![true, false, 0, 1, '0', '1'].includes(holds as never))
    throw new Error(
      `audit.invariants must return rows of name, holds (true or false) and detail; it returned ${JSON.stringify(row).slice(0, 200)}`,
    )
  return { name, holds: holds === true || holds === 1 || holds === '1', detail: String(detail ?? '') }
}
