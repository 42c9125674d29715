/** What the stub planned, and what it says that it did: see stub.ts. */
import { z } from 'zod'

export const outageKinds = ['stop', 'stall', 'fail'] as const
export type OutageKind = (typeof outageKinds)[number]

export interface PlannedOutage {
  kind: OutageKind
  /** After the stub's first request. */
  atMs: number
  forMs: number
}

/** Of the requests of an outage of the kind `fail`: two of three get a 503. */
export const failingShare = 2 / 3

/** Moments on the wall clock, in milliseconds since the epoch. */
const outageSchema = z.object({
  is: z.literal('outage'),
  kind: z.enum(outageKinds),
  fromMs: z.number(),
  /** When the act with which it began was done: nobody is refused before. */
  actedMs: z.number(),
  toMs: z.number(),
  /** When all that waited for the end of a stall had been answered. */
  answeredMs: z.number(),
  /** A length: by how much the stub missed its plan, at the end where it was more. */
  lateMs: z.number(),
})
export type TrueOutage = Omit<z.infer<typeof outageSchema>, 'is'>

const lineSchema = z.discriminatedUnion('is', [
  z.object({ is: z.literal('ready') }),
  z.object({ is: z.literal('first'), atMs: z.number() }),
  outageSchema,
  z.object({ is: z.literal('given'), served: z.number().int(), refused: z.number().int() }),
])
export type StubLine = z.infer<typeof lineSchema>

export interface Truth {
  /** In the order of time. */
  outages: TrueOutage[]
  /** Answers that it gave to clients that were still there: 2xx, and 503. */
  given: { served: number; refused: number }
}

/** A line of the stub; undefined for what Node itself says beside it. */
export function parseStubLine(text: string): StubLine | undefined {
  if (!text.startsWith('{')) return undefined
  return lineSchema.parse(JSON.parse(text))
}
