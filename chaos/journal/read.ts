/** Reads a journal's file as a stream, so that a million events need no copy of the text in memory. */
import { createReadStream } from 'node:fs'
import { messageOf, UsageError } from '../errors.ts'
import { longestAuditLine } from './limits.ts'
import { JournalParser } from './parse.ts'
import type { RecordedJournal } from './recorded.ts'

export { JournalFormatError, parseJournal } from './parse.ts'
export type { RecordedJournal } from './recorded.ts'

const chunkBytes = 1 << 18
const lineEnd = 0x0a

/**
 * The journal in `path`. Throws a UsageError that names the file, with the line and the reason where it is the
 * content's fault.
 */
export async function readJournal(path: string): Promise<RecordedJournal> {
  const parser = new JournalParser()
  try {
    // Pieces of a line that has not ended yet, put together only when it has: else a long one would be copied again for
    // every piece.
    let held: Buffer[] = []
    let heldBytes = 0
    for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
      let from = 0
      for (let end = chunk.indexOf(lineEnd); end !== -1; end = chunk.indexOf(lineEnd, from)) {
        if (heldBytes > 0) {
          const line = Buffer.concat([...held, chunk.subarray(0, end)])
          parser.addBytes(line, 0, line.length)
          held = []
          heldBytes = 0
        } else parser.addBytes(chunk, from, end)
        from = end + 1
      }
      if (from === chunk.length) continue
      held.push(chunk.subarray(from))
      heldBytes += chunk.length - from
      if (heldBytes > longestAuditLine) parser.refuseLength(longestAuditLine)
    }
    if (heldBytes > 0) parser.addBytes(Buffer.concat(held), 0, heldBytes)
    return parser.finish()
  } catch (cause) {
    throw new UsageError(`cannot read the journal ${path}: ${messageOf(cause)}`, { cause })
  }
}
