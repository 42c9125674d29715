/** Streams of bytes cut into lines, and lines of JSON. */

const lineEnd = 0x0a

/** Takes a line in `bytes[from, to)`, without its line end. The bytes are only lent: what is kept must be copied. */
export type TakeLine = (bytes: Uint8Array, from: number, to: number) => void

/**
 * Cuts chunks into lines. A line that came in one chunk is handed on as it is, without a copy; of a chunk that ends in
 * the middle of a line that piece is copied, so that the chunk's memory can be used again.
 */
export class LineSplitter {
  readonly #take: TakeLine
  /** Pieces of a line that has not ended, put together only when it has: else a long one is copied for every piece. */
  #held: Uint8Array[] = []
  #heldBytes = 0

  constructor(take: TakeLine) {
    this.#take = take
  }

  /** How much of a line came that has not ended yet. */
  get heldBytes(): number {
    return this.#heldBytes
  }

  push(chunk: Uint8Array): void {
    let from = 0
    for (let end = chunk.indexOf(lineEnd); end !== -1; end = chunk.indexOf(lineEnd, from)) {
      if (this.#heldBytes > 0) {
        this.#held.push(chunk.subarray(from, end))
        this.#heldBytes += end - from
        this.rest()
      } else this.#take(chunk, from, end)
      from = end + 1
    }
    if (from === chunk.length) return
    this.#held.push(new Uint8Array(chunk.subarray(from)))
    this.#heldBytes += chunk.length - from
  }

  /** Takes what came after the last line end as a line: a torn one, or one whose end is that of the stream. */
  rest(): void {
    if (this.#heldBytes === 0) return
    const line = joined(this.#held, this.#heldBytes)
    this.#held = []
    this.#heldBytes = 0
    this.#take(line, 0, line.length)
  }
}

function joined(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const whole = new Uint8Array(bytes)
  let at = 0
  for (const piece of pieces) {
    whole.set(piece, at)
    at += piece.length
  }
  return whole
}

/**
 * The lines of a stream as texts, empty ones left out. What comes after the last line end was torn off, and is no line.
 * @throws what the stream fails with
 */
export async function* linesOf(
  stream: AsyncIterable<Uint8Array>,
  { onChunk }: { onChunk?: () => void } = {},
): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  const lines: string[] = []
  const splitter = new LineSplitter((bytes, from, to) => {
    if (to > from) lines.push(decoder.decode(bytes.subarray(from, to)))
  })
  for await (const chunk of stream) {
    onChunk?.()
    splitter.push(chunk)
    yield* lines.splice(0)
  }
}

/** The same lines as the values that they are JSON of. @throws SyntaxError for one that is none */
export async function* jsonLinesOf<T>(
  stream: AsyncIterable<Uint8Array>,
  options?: { onChunk?: () => void },
): AsyncGenerator<T> {
  for await (const line of linesOf(stream, options)) yield JSON.parse(line) as T
}
