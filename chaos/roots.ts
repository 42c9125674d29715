/**
 * Two folders: that of the package, and that in which the user works. In a checkout they are the same, unless
 * BLACKSTART_WORK_DIR names another one to work in. Of an installed package the second is the project that uses it.
 */
import { extname } from 'node:path'
import { chosenWorkFolder, isInstalled, PACKAGE_ROOT, usualWorkFolder } from '../setup/roots.mjs'
import { UsageError } from './errors.ts'

/** Where docker-compose.yml, the sources of the images, the templates and the schemas are. */
export const packageRoot: string = PACKAGE_ROOT

/**
 * Where runs/, .env and the worlds' state are, and whose git commit a run records.
 * @throws UsageError when BLACKSTART_WORK_DIR names no folder
 */
export function workRoot(): string {
  return chosenWorkRoot() ?? usualWorkFolder()
}

/** Whether npm put the package there, and nothing may be written to it. */
export const packageIsInstalled: boolean = isInstalled(PACKAGE_ROOT)

/**
 * A program beside the file that asks for it: TypeScript in a checkout, JavaScript where it was built.
 * @param asking the file's `import.meta.url`
 * @param name without its ending
 */
export function programBeside(asking: string, name: string): URL {
  return new URL(`./${name}${extname(asking)}`, asking)
}

/** The folder that BLACKSTART_WORK_DIR names; undefined when it is not set. @throws UsageError when it is not a folder */
export function chosenWorkRoot(): string | undefined {
  const chosen = chosenWorkFolder(process.env)
  if ('problem' in chosen) throw new UsageError(chosen.problem)
  return chosen.folder
}
