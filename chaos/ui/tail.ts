/** Follows a file that another process writes: whole lines as they come, in pieces that leave room for other work. */
import { type FileHandle, open } from 'node:fs/promises'
import { setImmediate as breathe } from 'node:timers/promises'
import { LineSplitter } from '../ndjson.ts'

const chunkBytes = 1 << 18

export class Tail {
  readonly #path: string
  readonly #lines: LineSplitter
  readonly #decoder = new TextDecoder()
  #file: FileHandle | undefined
  #readBytes = 0

  /** `take` gets each line that has ended, once. */
  constructor(path: string, take: (line: string) => void) {
    this.#path = path
    this.#lines = new LineSplitter((bytes, from, to) => {
      if (to > from) take(this.#decoder.decode(bytes.subarray(from, to)))
    })
  }

  /**
   * Reads what has been written since; returns whether there was anything.
   * @throws what the file system says: the file is not there (any more), or not ours to read
   */
  async more(): Promise<boolean> {
    this.#file ??= await open(this.#path)
    const buffer = Buffer.allocUnsafe(chunkBytes)
    const before = this.#readBytes
    for (;;) {
      const { bytesRead } = await this.#file.read(buffer, 0, chunkBytes, this.#readBytes)
      if (bytesRead === 0) return this.#readBytes > before
      this.#readBytes += bytesRead
      this.#lines.push(buffer.subarray(0, bytesRead))
      await breathe()
    }
  }

  async close(): Promise<void> {
    await this.#file?.close()
    this.#file = undefined
  }
}
