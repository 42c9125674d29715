/** Which run is the newest: the one that something is happening in, if anything is. */
import { readlinkSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { listRuns, runsFolder } from '../run/folder.ts'

/** Its name; undefined while there is none. */
export function newestRun(): string | undefined {
  try {
    const name = basename(readlinkSync(join(runsFolder(), 'last')))
    if (runFolder(name) !== undefined) return name
  } catch {
    /* no link: a folder of runs from elsewhere */
  }
  return listRuns().at(-1)
}

/**
 * The folder of a run by its name alone: a path, or a name that leads out of the folder for runs, is none.
 */
export function runFolder(name: string): string | undefined {
  if (name === '' || name.startsWith('.') || /[/\\\0]/.test(name)) return undefined
  const folder = join(runsFolder(), name)
  return statSync(join(folder, 'journal.ndjson'), { throwIfNoEntry: false })?.isFile() ? folder : undefined
}

/** As `newestRun`, of those that begin after the one with this name: until one does there is none. */
export function newestRunAfter(name: string | undefined): () => string | undefined {
  return () => {
    const newest = newestRun()
    return newest === name ? undefined : newest
  }
}
