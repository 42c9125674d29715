/** The table of fault kinds in docs/faults.md, between two marks. */
import type { Reach } from '../chaos/faults/fault.ts'
import { faultKinds, faultNamed, optionsOf } from '../chaos/scenarios/kinds.ts'

const begin = '<!-- kinds:begin -->'
const end = '<!-- kinds:end -->'

const reach: Record<Reach, string> = {
  anything: 'anything',
  nodes: 'nodes',
  links: 'links',
  site: 'a region or a site',
  database: 'one database',
}

/** The page with the table of today. @throws Error when the page has no place for it */
export function withKindsTable(page: string): string {
  const [before, rest] = page.split(begin)
  const after = rest?.split(end)[1]
  if (before === undefined || after === undefined) throw new Error(`docs/faults.md lacks ${begin} and ${end}`)
  return `${before}${begin}\n${table()}\n${end}${after}`
}

function table(): string {
  const rows = faultKinds.map((kind) => {
    const { summary, actsOn } = faultNamed(kind)
    const told = Object.entries(optionsOf(kind) ?? {}).map(
      ([option, { description = '' }]) => `\`${option}\`: ${description}`,
    )
    return `| \`${kind}\` | ${summary} | ${reach[actsOn]} | ${told.join('<br>') || '–'} |`
  })
  return ['| Kind | What it does | Acts on | Told by |', '| --- | --- | --- | --- |', ...rows].join('\n')
}
