/** The way from a file of the user's to one of the package's. */
import { realpathSync } from 'node:fs'
import { dirname, join, relative, sep } from 'node:path'
import { packageIsInstalled, packageRoot } from '../roots.ts'

/** From the folder of a file to a file of the project, as an import or a URL has it. */
export function fromFile(path: string, target: string): string {
  const way = relative(realpathSync(dirname(path)), join(realpathSync(packageRoot), target))
    .split(sep)
    .join('/')
  return way.startsWith('.') ? way : `./${way}`
}

/** From the folder of a file to the JSON schema that editors complete and check it by, as `blackstart/schemas/…` exports it. */
export function schemaFor(path: string, name: 'scenario' | 'world'): string {
  return fromFile(path, `${packageIsInstalled ? 'schemas' : 'docs'}/${name}.schema.json`)
}
