/** Reads a journal's file as a stream, so that a million events need no copy of the text in memory. */
import { open } from 'node:fs/promises'
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
    await using file = await open(path)
    // One buffer for all of it: a new one for every piece fills the memory faster than it is freed.
    const buffer = Buffer.allocUnsafe(chunkBytes)
    for (;;) {
      const { bytesRead } = await file.read(buffer)
      if (bytesRead === 0) break
      lines.push(buffer.subarray(0, bytesRead))
      if (lines.heldBytes > longestAuditLine) parser.refuseLength(longestAuditLine)
    }
    lines.rest()
    return parser.finish()
  } catch (cause) {
    throw new UsageError(`cannot read the journal ${path}: ${messageOf(cause)}`, { cause })
  }
}
