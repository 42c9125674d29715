/**
 * Finds the engine for a command that needs one. It is called only after the command line was checked, so that a typo
 * installs nothing.
 */
import { explain, EnvironmentError as NotReady, SetUpInterrupted } from '../../setup/errors.mjs'
import { makeReady } from '../../setup/program.mjs'
import type { Engine } from '../engine/engine.ts'
import { openEngine } from '../engine/open.ts'
import { EnvironmentError } from '../errors.ts'
import { readWorldFile, worldFileOf } from '../world/generated.ts'
import { Interrupted } from './interrupt.ts'
import { say } from './output.ts'

/**
 * `engine`: the one that answers, and nothing is changed where none does. `world` and `own-world`: with Compose and the
 * images that such a world needs, which are installed, started and built where they are missing; progress is shown on
 * stderr.
 * @throws EnvironmentError with what is missing and what to do; Interrupted
 */
export async function readyEngine(need: 'engine' | 'own-world' | 'world'): Promise<Engine> {
  const { env } = await makeReady(need).catch((error: unknown) => {
    if (error instanceof NotReady) throw new EnvironmentError(explain(error), { cause: error })
    if (!(error instanceof SetUpInterrupted)) throw error
    say(error.message)
    throw new Interrupted(error.message)
  })
  // Where set-up found the engine (a Docker context) and its tools, everything started from here must find them, too.
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value
  return openEngine()
}

/** As `readyEngine`, for a world that is to be brought up, or is up. */
export async function readyEngineFor(world: string, files: readonly string[] | undefined): Promise<Engine> {
  const path = worldFileOf(world, files)
  if (path === undefined) return readyEngine('world')
  // A mistake in it is told before anything is installed or built.
  readWorldFile(path)
  return readyEngine('own-world')
}
