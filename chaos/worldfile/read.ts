/** Reads `blackstart.yaml`. Every mistake is named with its line and column, and with the name that may have been meant. */
import { type FileKind, type Mistake, readYaml, type Written } from '../yaml/document.ts'
import { problemsIn } from '../yaml/problems.ts'
import { schemaShape } from '../yaml/shape.ts'
import { type WorldFile, worldFileSchema } from './schema.ts'
import { senselessIn } from './sense.ts'

const kind: FileKind = {
  what: 'a world file',
  keys: 'sites: …, clients: …',
  empty: 'a world file says at least which service stands where, under "sites" ("npx blackstart adopt" writes one)',
}
const dialect = { shape: schemaShape(worldFileSchema) }

export interface ReadWorldFile {
  world: WorldFile
  /** Refuses more, that only the Compose file shows, at their places in this one. @throws UsageError if there is any */
  refuse(mistakes: readonly Mistake[]): void
}

/**
 * The world file in a YAML text, complete with defaults.
 * @throws UsageError with up to ten mistakes, each a line `file:line:column: what is wrong`, in the order of the file
 */
export function parseWorldFile(text: string, fileName: string): ReadWorldFile {
  const written: Written = readYaml(text, fileName, kind)
  const parsed = worldFileSchema.safeParse(written.data)
  written.refuse(parsed.success ? senselessIn(parsed.data) : problemsIn(parsed.error.issues, written.data, dialect))
  // Nothing was refused, so the data fits.
  return { world: parsed.data ?? worldFileSchema.parse(written.data), refuse: written.refuse }
}
