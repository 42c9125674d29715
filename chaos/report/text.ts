/** Lines of text for terminals: wrapping, and cutting to a width. */

type Paint = (text: string) => string

/** The colours that a text is drawn with; the caller, which knows the terminal, chooses them, or none. */
export interface Palette {
  readonly bold: Paint
  readonly dim: Paint
  readonly red: Paint
  readonly green: Paint
  readonly yellow: Paint
  readonly magenta: Paint
  readonly cyan: Paint
}

/** Columns that a text takes, escape sequences aside. All texts here are of single-width characters. */
export function textWidth(text: string): number {
  return [...text.replace(/\x1b\[[0-9;]*m/g, '')].length
}

/** Breaks at spaces; a word longer than the width is cut, so that no line is ever longer. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = []
  let line = ''
  for (const word of text.split(' ').flatMap((long) => pieces(long, width))) {
    if (line !== '' && textWidth(line) + 1 + textWidth(word) > width) {
      lines.push(line)
      line = word
    } else {
      line = line === '' ? word : `${line} ${word}`
    }
  }
  return [...lines, line]
}

function pieces(word: string, width: number): string[] {
  const characters = [...word]
  if (characters.length <= width) return [word]
  // On a terminal without room for a column, a character a line.
  const length = Math.max(1, width)
  return Array.from({ length: Math.ceil(characters.length / length) }, (_, index) =>
    characters.slice(index * length, (index + 1) * length).join(''),
  )
}

/** Cut to a width, with an ellipsis where something is missing. For text without escape sequences. */
export function cut(text: string, width: number): string {
  const characters = [...text]
  return characters.length <= width ? text : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`
}

/** Items side by side, on as many lines as they need. */
export function packed(items: readonly string[], width: number): string[] {
  const lines: string[] = []
  for (const item of items) {
    const last = lines.at(-1)
    if (last !== undefined && textWidth(last) + 3 + textWidth(item) <= width)
      lines[lines.length - 1] = `${last}   ${item}`
    else lines.push(item)
  }
  return lines
}

export function columns(cells: readonly string[], widths: readonly number[]): string {
  return cells.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join('')
}
