/** Reads a journal's file as a stream, so that a million events need no copy of the text in memory. */
import { createReadStream } from 'node:fs'
import { messageOf, UsageError } from '../errors.ts'
import { JournalParser } from './parse.ts'
import type { RecordedJournal } from './recorded.ts'

export { parseJournal, JournalFormatError } from './parse.ts'
export type { RecordedJournal } from './recorded.ts'

const chunkBytes = 1 << 18
const lineEnd = 0x0a

/** The journal in `path`. Throws a UsageError that names the file, with the line and the reason where it is the content's fault. */
export async function readJournal(path: string): Promise<RecordedJournal> {
  const parser = new JournalParser()
  try {
    let rest: Buffer = Buffer.alloc(0)
    for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes }) as AsyncIterable<Buffer>) {
      const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
      let from = 0
      for (let end = bytes.indexOf(lineEnd); end !== -1; end = bytes.indexOf(lineEnd, from)) {
        parser.addBytes(bytes, from, end)
        from = end + 1
      }
      rest = bytes.subarray(from)
    }
    if (rest.length > 0) parser.addBytes(rest, 0, rest.length)
    return parser.finish()
  } catch (cause) {
    throw new UsageError(`cannot read the journal ${path}: ${messageOf(cause)}`, { cause })
  }
}
