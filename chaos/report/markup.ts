/**
 * HTML that cannot forget to escape. Journals are read from anywhere (a colleague's run, a CI artefact), so every
 * string in them is untrusted: the `html` tag escapes each slot unless the slot is Markup itself, that is, came out of
 * this file.
 */

export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Slot = Markup | string | number | null | undefined | false | readonly Slot[]

const replacements: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/**
 * Text that is safe in HTML and XML, between tags and inside quoted attributes. Characters that XML forbids become
 * U+FFFD.
 */
export function escapeMarkup(text: string): string {
  return text
    .replace(/[&<>"']/g, (char) => replacements[char] ?? char)
    .replace(/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]|\p{Cs}/gu, '\ufffd')
}

function slotText(slot: Slot): string {
  if (slot === null || slot === undefined || slot === false) return ''
  if (slot instanceof Markup) return slot.text
  if (typeof slot === 'string') return escapeMarkup(slot)
  if (typeof slot === 'number') return String(slot)
  return slot.map(slotText).join('')
}

/** Attribute slots must stand inside double quotes: escaping cannot protect an unquoted attribute. */
export function html(strings: TemplateStringsArray, ...slots: Slot[]): Markup {
  return new Markup(strings.map((part, index) => part + slotText(slots[index])).join(''))
}

/** Text of our own (style sheet, script) that must not be escaped. Never call it with anything from a journal. */
export function trusted(text: string): Markup {
  return new Markup(text)
}
