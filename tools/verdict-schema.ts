/** The texts of docs/verdict.schema.json and docs/journal.schema.json, for readers in other languages. */
import { z } from 'zod'
import { eventSchema } from '../chaos/journal/schema.ts'
import { verdictSchema } from '../chaos/judge/verdict.ts'

/** File name under docs/ → its text. */
export function jsonSchemas(): Record<string, string> {
  return {
    'verdict.schema.json': text(verdictSchema, { title: 'Verdict of a Blackstart trial', reused: 'inline' }),
    // A target may stand in each kind of fault: written out every time it would fill most of the file.
    'journal.schema.json': text(eventSchema, { title: 'One line of a Blackstart journal (NDJSON)', reused: 'ref' }),
  }
}

/** As input: a reader must put up with fields that a newer writer adds. */
function text(schema: z.ZodType, { title, reused }: { title: string; reused: 'inline' | 'ref' }): string {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input', reused })
  return `${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`
}
