/** The part of docs/faults.md that is made from the fault kinds: a table, and what each models and does not model. */
import type { Reach } from '../chaos/faults/fault.ts'
import { type FaultKind, faultKinds, faultNamed, optionsOf } from '../chaos/scenarios/kinds.ts'
import { between } from './between.ts'

const reach: Record<Reach, string> = {
  anything: 'anything',
  nodes: 'nodes',
  links: 'links',
  site: 'a region or a site',
  database: 'one database',
}

/** The page with what the kinds say today. @throws Error when the page has no place for it */
export function withKinds(page: string): string {
  return between(between(page, 'kinds', table()), 'models', faultKinds.map(modelWords).join('\n\n'))
}

function table(): string {
  const rows = faultKinds.map((kind) => {
    const { summary, actsOn } = faultNamed(kind)
    const options = Object.entries(optionsOf(kind) ?? {})
    const told = options.map(([option, { description = '' }]) => `\`${option}\`: ${description}`)
    return `| \`${kind}\` | ${summary} | ${reach[actsOn]} | ${told.join('<br>') || '–'} |`
  })
  return ['| Kind | What it does | Acts on | Options |', '| --- | --- | --- | --- |', ...rows].join('\n')
}

function modelWords(kind: FaultKind): string {
  const { models, doesNotModel } = faultNamed(kind)
  if (doesNotModel.length === 0) return `**${kind}** models: ${models}.`
  return [`**${kind}** models: ${models}. It does not model:`, '', ...doesNotModel.map((each) => `- ${each}`)].join(
    '\n',
  )
}
