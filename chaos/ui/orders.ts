/**
 * What a page may ask to be done: the same as the command line, in its words. Whoever opens the room gives it hands
 * that carry orders out; without hands it only shows.
 */
import { z } from 'zod'
import { faultKindSchema } from '../scenarios/schema.ts'
import { suiteNames } from '../scenarios/select.ts'
import type { Topology } from '../topology/topology.ts'

/** A word of a command line that cannot be taken for an option. */
const word = z
  .string()
  .min(1)
  .max(400)
  .refine((text) => !text.startsWith('-'), 'does not begin with "-"')

export const orderSchema = z.discriminatedUnion('do', [
  z.strictObject({
    do: z.literal('fault'),
    kind: faultKindSchema,
    target: word,
    for: word.optional(),
    with: z.array(word).max(20).optional(),
  }),
  /** One fault, or without an id all of them. */
  z.strictObject({ do: z.literal('heal'), faultId: word.optional() }),
  z.strictObject({ do: z.literal('run'), scenario: word }),
  z.strictObject({ do: z.literal('suite'), suite: z.enum(suiteNames) }),
  /** A run, or a drill, by the name of its folder. */
  z.strictObject({ do: z.literal('replay'), run: word }),
  z.strictObject({ do: z.literal('up') }),
  z.strictObject({ do: z.literal('down') }),
])
export type Order = z.infer<typeof orderSchema>

/** An order that is, or was, carried out. */
export interface OrderView {
  id: number
  /** The same order as a command line. */
  command: string
  state: 'under way' | 'done' | 'refused'
  /** What the command said at its end; null while it goes on. */
  message: string | null
}

/** What is up, and who has it. */
export interface WorldNow {
  name: string
  /** null: it cannot be told, and why. */
  isUp: boolean | null
  why: string | null
  /** How many nodes it has: fewer while it comes up. */
  nodes: number
  /** The command that has the world, if one has. */
  usedBy: string | null
}

export interface Hands {
  /** As it was last looked at. */
  readonly world: WorldNow
  readonly orders: readonly OrderView[]
  /** Of the world that is up; undefined where none is. */
  readonly topology: Topology | undefined
  /** Looks again. Called while a page is open. */
  look(): Promise<void>
  /** Begins to carry it out. */
  take(order: Order): OrderView
}
