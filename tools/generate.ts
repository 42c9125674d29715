/**
 * Writes everything that is generated from the code: `npm run generate`. First the catalogue of fault kinds, since the
 * others are made from it.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { catalogueText } from './catalogue.ts'

/** Writes a file of the project if it differs, and says so. */
function write(path: string, text: string): void {
  const file = fileURLToPath(new URL(`../${path}`, import.meta.url))
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return
  writeFileSync(file, text)
  console.error(`${path}: written`)
}

write('chaos/faults/catalogue.ts', await catalogueText())
const { scenarioJsonSchema } = await import('./scenario-schema.ts')
const { jsonSchemas } = await import('./verdict-schema.ts')
const { worldJsonSchema } = await import('./world-schema.ts')
const { withKinds } = await import('./kinds-table.ts')
write('docs/scenario.schema.json', scenarioJsonSchema())
write('docs/world.schema.json', worldJsonSchema())
for (const [name, text] of Object.entries(jsonSchemas())) write(`docs/${name}`, text)
write('docs/faults.md', withKinds(readFileSync(new URL('../docs/faults.md', import.meta.url), 'utf8')))
