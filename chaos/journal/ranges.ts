/** Sets of arrival numbers as the audit writes them: ascending ranges, "0-811,813,820-900". */

export interface Ranges {
  readonly starts: readonly number[]
  readonly ends: readonly number[]
  readonly size: number
}

/** Null when the text is no ascending list of ranges: then nothing can be said about what is stored. */
export function parseRanges(text: string): Ranges | null {
  const starts: number[] = []
  const ends: number[] = []
  let size = 0
  let last = -1
  for (const piece of text === '' ? [] : text.split(',')) {
    const match = /^(\d+)(?:-(\d+))?$/.exec(piece)
    if (match === null) return null
    const start = Number(match[1])
    const end = Number(match[2] ?? match[1])
    if (start <= last || end < start) return null
    starts.push(start)
    ends.push(end)
    size += end - start + 1
    last = end
  }
  return { starts, ends, size }
}

export function formatRanges(ascending: Iterable<number>): string {
  const pieces: string[] = []
  let start: number | undefined
  let end = -1
  const close = (): void => {
    if (start !== undefined) pieces.push(start === end ? `${start}` : `${start}-${end}`)
  }
  for (const n of ascending) {
    if (start === undefined || n !== end + 1) {
      close()
      start = n
    }
    end = n
  }
  close()
  return pieces.join(',')
}

/** How many of them are no greater than this. */
export function sizeUpTo({ starts, ends }: Ranges, most: number): number {
  return starts.reduce((size, start, index) => size + Math.max(0, Math.min(ends[index] ?? start, most) - start + 1), 0)
}

export function inRanges(ranges: Ranges, n: number): boolean {
  let low = 0
  let high = ranges.starts.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((ranges.ends[middle] ?? Infinity) < n) low = middle + 1
    else high = middle
  }
  return (ranges.starts[low] ?? Infinity) <= n
}
