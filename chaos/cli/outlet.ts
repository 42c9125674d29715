/**
 * The last check of all output. Text in journals, scenarios and labels may come from others, and terminals and GitHub's
 * runner obey control sequences in text. Only plain lines and Blackstart's own colours pass.
 */
import { plain } from '../report/format.ts'

/** What our palette writes: one number, as picocolors does. */
const colourCode = /(\x1b\[\d{1,2}m)/

export interface OutletOptions {
  /** Whether the text has Blackstart's colours, for a terminal that wants them. */
  colour?: boolean
  /** Whether GitHub's runner reads along; by default as its environment says. */
  onGitHub?: boolean
}

/** The text without anything that a terminal, or GitHub's runner, would act on; its lines stay lines. */
export function harmless(text: string, { colour = false, onGitHub }: OutletOptions = {}): string {
  const lines = text.split('\n').map((line) =>
    colour
      ? line
          .split(colourCode)
          .map((part, index) => (index % 2 === 1 ? part : plain(part)))
          .join('')
      : plain(line),
  )
  return inert(lines.join('\n'), onGitHub)
}

/**
 * On GitHub the runner obeys every line of either stream that begins with "::", after space, or holds "##[" anywhere
 * (https://github.com/actions/runner, src/Runner.Common/ActionCommand.cs). A space in between, and it is text.
 */
export function inert(text: string, onGitHub = process.env['GITHUB_ACTIONS'] === 'true'): string {
  return onGitHub ? text.replace(/^([^\S\n]*):(?=:)/gm, '$1: ').replaceAll('##[', '## [') : text
}

/**
 * JSON for programs that a terminal and GitHub's runner do not obey either: the same value, with more characters
 * escaped.
 */
export function jsonText(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(
    /[\x7f-\x9f\p{Cf}\p{Default_Ignorable_Code_Point}\u2028\u2029]|##(?=\[)/gu,
    (found) => [...found].map(escaped).join(''),
  )
}

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, '0')}`,
  ).join('')
}
