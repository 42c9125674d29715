/** Journals of real trials that were met, kept packed: see real/README.md. */
import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const folder = fileURLToPath(new URL('./real', import.meta.url))

/** Names of the scenarios. */
export const realJournals: readonly string[] = globSync('*.ndjson.gz', { cwd: folder })
  .map((path) => basename(path, '.ndjson.gz'))
  .toSorted()

/** The text of one of them. */
export function realJournal(scenario: string): string {
  return gunzipSync(readFileSync(`${folder}/${scenario}.ndjson.gz`)).toString('utf8')
}
