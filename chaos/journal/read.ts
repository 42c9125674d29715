/** Reads a journal's file as a stream, so that a million events need no copy of the text in memory. */
import { createReadStream } from 'node:fs'
import { messageOf, UsageError } from '../errors.ts'
import { LineSplitter } from '../ndjson.ts'
import { longestAuditLine } from './limits.ts'
import { JournalParser } from './parse.ts'
import type { RecordedJournal } from './recorded.ts'

export { JournalFormatError, parseJournal } from './parse.ts'
export type { RecordedJournal } from './recorded.ts'

const chunkBytes = 1 << 18

/**
 * The journal in `path`. Throws a UsageError that names the file, with the line and the reason where it is the
 * content's fault.
 */
export async function readJournal(path: string): Promise<RecordedJournal> {
  const parser = new JournalParser()
  try {
    const lines = new LineSplitter((bytes, from, to) => parser.addBytes(bytes, from, to))
    for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
      lines.push(chunk)
      if (lines.heldBytes > longestAuditLine) parser.refuseLength(longestAuditLine)
    }
    lines.rest()
    return parser.finish()
  } catch (cause) {
    throw new UsageError(`cannot read the journal ${path}: ${messageOf(cause)}`, { cause })
  }
}
