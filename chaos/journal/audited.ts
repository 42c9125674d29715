/** Events of the audit: what is stored after heal and catch-up. */
import { z } from 'zod'
import { event, ms } from './event.ts'

/**
 * All of one database node, read in full after heal and catch-up; again where the nodes disagree. `writes`: arrival numbers of this trial that are
 * stored, as ascending ranges "0-811,813,820-900" ('' for none). `unexpected`: keys under this trial's prefix that were
 * never sent.
 */
export const auditRead = event('audit.read', {
  node: z.string(),
  rows: z.number().int(),
  writes: z.string(),
  duplicated: z.array(z.number().int()),
  unexpected: z.array(z.string()),
  invariants: z.array(z.object({ name: z.string(), holds: z.boolean(), detail: z.string() })),
  systemIdentifier: z.string().optional(),
  /** The moment that the reading shows; all of it was read when the event was written. */
  snapshotMs: ms.optional(),
  /**
   * Which server answered: the node that its own settings name, its address, and when it was started. Two nodes with one
   * address and one start are one server.
   */
  server: z.object({ node: z.string().optional(), address: z.string().nullable(), startedAt: z.string() }).optional(),
})
/** What must hold for the stored data, asked of a database apart from the writes, which something else reads. */
export const auditInvariants = event('audit.invariants', {
  node: z.string(),
  invariants: z.array(z.object({ name: z.string(), holds: z.boolean(), detail: z.string() })),
  /** The moment that the answer shows. */
  snapshotMs: ms,
})
/** How far a long reading has come: keys of one node, of how many where that is known. */
export const auditProgress = event('audit.progress', {
  node: z.string(),
  done: z.number().int(),
  of: z.number().int().nullable(),
})
export const auditFailed = event('audit.failed', { node: z.string(), reason: z.string() })
