/** Puts a text into a page between two marks, `<!-- name:begin -->` and `<!-- name:end -->`. */

/** @throws Error when the page lacks one of the marks */
export function between(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}:begin -->`, `<!-- ${name}:end -->`]
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`the page lacks ${begin} or ${end}`)
  return `${before}${begin}\n${text.trimEnd()}\n${end}${after}`
}
