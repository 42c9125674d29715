/** Reads a journal's file as a stream, so that a million events need no copy of the text in memory. */
import { type FileHandle, open } from 'node:fs/promises'
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
  try {
    await using file = await open(path)
    const { size } = await file.stat()
    const parser = new JournalParser({ bytes: size })
    const lines = new LineSplitter((bytes, from, to) => parser.addBytes(bytes, from, to))
    for await (const chunk of chunksOf(file)) {
      lines.push(chunk)
      if (lines.heldBytes > longestAuditLine) parser.refuseLength(longestAuditLine)
    }
    lines.rest()
    return parser.finish()
  } catch (cause) {
    throw new UsageError(`cannot read the journal ${path}: ${messageOf(cause)}`, { cause })
  }
}

/**
 * The file, piece by piece; each is read while the one before is looked at. Two buffers for all of it: a new one for
 * every piece fills the memory faster than it is freed.
 */
async function* chunksOf(file: FileHandle): AsyncIterable<Uint8Array> {
  let [current, other] = [Buffer.allocUnsafe(chunkBytes), Buffer.allocUnsafe(chunkBytes)]
  let reading = file.read(current)
  for (;;) {
    const { bytesRead } = await reading
    if (bytesRead === 0) return
    reading = file.read(other)
    // Whoever takes this piece may fail, and then nobody waits for the next one.
    reading.catch(() => undefined)
    yield current.subarray(0, bytesRead)
    ;[current, other] = [other, current]
  }
}
