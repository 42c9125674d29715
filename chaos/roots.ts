/**
 * Two folders: that of the package, and that in which the user works. They are the same, the checkout, unless
 * BLACKSTART_WORK_DIR names another one to work in.
 */
import { chosenWorkFolder, PACKAGE_ROOT } from '../setup/roots.mjs'
import { UsageError } from './errors.ts'

/** Where docker-compose.yml, the sources of the images, the templates and the schemas are. */
export const packageRoot: string = PACKAGE_ROOT

/**
 * Where runs/, .env and the worlds' state are, and whose git commit a run records.
 * @throws UsageError when BLACKSTART_WORK_DIR names no folder
 */
export function workRoot(): string {
  return chosenWorkRoot() ?? packageRoot
}

/** The folder that BLACKSTART_WORK_DIR names; undefined when it is not set. @throws UsageError when it is not a folder */
export function chosenWorkRoot(): string | undefined {
  const chosen = chosenWorkFolder(process.env)
  if ('problem' in chosen) throw new UsageError(chosen.problem)
  return chosen.folder
}
