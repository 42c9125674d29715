/** Public outages that are re-enacted: the list of them, and their stories. */
import { type Incident, incidents } from '../scenarios/incidents/index.ts'
import { hanging } from './describe.ts'
import { data, jsonData, width } from './output.ts'

export function listIncidents(asJson: boolean): void {
  if (asJson) {
    jsonData(
      incidents.map(({ scenario: { name, title }, ...told }) => ({ name, title, ...told })),
      2,
    )
    return
  }
  const how =
    '"npx blackstart show <name>" tells the story. "npx blackstart run <name>" re-enacts it in the world as it is built, and with --worse in one with the setting that made it possible.'
  data([...incidents.map(headOf), hanging('', [how], width())].map((lines) => lines.join('\n')).join('\n\n'))
}

function headOf({ scenario, happened, damage, worse }: Incident): string[] {
  return [
    `${scenario.name}  ${happened}`,
    ...hanging('  ', [scenario.title], width()),
    ...hanging('  then    ', [damage], width()),
    ...hanging('  worse   ', [worse.what], width()),
  ]
}

/** What happened, for whoever reads its scenario. */
export function storyOf({ happened, damage, timeline, sources, worse }: Incident): string[] {
  const row = (before: string, text: string) => hanging(`  ${before.padEnd(8)}`, [text], width())
  return [
    '',
    `what happened: ${happened}`,
    ...timeline.flatMap(({ at, what }) => row(at, what)),
    ...row('in all', damage),
    ...sources.flatMap((source) => row('source', source)),
    '',
    'what made it possible ("run --worse")',
    ...row('', worse.what),
    ...row('missed', worse.breaks.join(', ')),
    ...row('file', worse.file),
  ]
}
