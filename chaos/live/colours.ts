/** Colours for terminals: which, and whether. */
import { createColors } from 'picocolors'
import type { Palette } from '../report/text.ts'

/** Colours, or functions that leave a text as it is. */
export function palette(colour: boolean): Palette {
  return createColors(colour)
}

/** Colour only on a terminal, and never against NO_COLOR (https://no-color.org: any non-empty value counts). */
export function wantsColour(
  stream: { isTTY?: boolean | undefined },
  environment: Record<string, string | undefined>,
): boolean {
  const refused = environment['NO_COLOR'] !== undefined && environment['NO_COLOR'] !== ''
  return stream.isTTY === true && !refused && environment['TERM'] !== 'dumb'
}
