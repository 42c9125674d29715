/** What a world is made of before it is up, or while nobody can ask the engine: by its Compose files alone. */
import { join } from 'node:path'
import { PASSWORDS } from '../../setup/password-names.mjs'
import { readComposeConfig } from '../compose/config.ts'
import { readEnvFile } from '../env-file.ts'
import { packageRoot, workRoot } from '../roots.ts'
import { plannedTopology } from '../topology/planned.ts'
import type { Topology } from '../topology/topology.ts'
import { anySettings, ownWorldFile, wouldGenerate } from './generated.ts'
import { environmentOf, readSettings } from './settings.ts'

export interface PlannedWorld {
  topology: Topology
  /** Whose it is, in words: "the world shop", "blackstart.yaml". */
  of: string
}

/**
 * The topology of the world that `up` would bring up, or has brought up: by the files given, by those that it has, by
 * `blackstart.yaml`, or else that of the reference stack. Asks Compose, and no engine.
 * @throws UsageError for files that cannot be a world, EnvironmentError where Compose is missing
 */
export async function plannedWorld(world: string, files?: readonly string[]): Promise<PlannedWorld> {
  const known = readSettings(world)
  if (known) return { topology: await ofFiles(world, known.files), of: `the world ${world}` }
  if (files) return { topology: await ofFiles(world, files), of: files.join(', ') }
  const path = ownWorldFile()
  if (path === undefined)
    return { topology: await ofFiles(world, [join(packageRoot, 'docker-compose.yml')]), of: 'the reference stack' }
  const { compose } = await wouldGenerate(world, path)
  return { topology: plannedTopology(world, compose['services'] as Services), of: 'blackstart.yaml' }
}

type Services = Parameters<typeof plannedTopology>[1]

async function ofFiles(world: string, files: readonly string[]): Promise<Topology> {
  const settings = readSettings(world) ?? { ...anySettings, files: [...files] }
  const { services } = await readComposeConfig({
    files,
    workFolder: workRoot(),
    environment: { ...passwordsToCome(), ...environmentOf(world, settings) },
  })
  return plannedTopology(world, services as Services)
}

/** `up` makes the passwords of the reference stack, which Compose asks for even where only labels are read. */
function passwordsToCome(): Record<string, string> {
  const made = new Set([...Object.keys(process.env), ...readEnvFile().keys()])
  return Object.fromEntries(PASSWORDS.filter((name) => !made.has(name)).map((name) => [name, 'not made yet']))
}
