/** Makes the Compose file of a world from the user's own and from `blackstart.yaml`, in the world's state folder. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { stringify } from 'yaml'
import { composeEnvironment } from '../../setup/compose-env.mjs'
import { readComposeConfig } from '../compose/config.ts'
import type { Engine } from '../engine/engine.ts'
import { worldPasswordsFile } from '../env-file.ts'
import { messageOf, UsageError } from '../errors.ts'
import { fileProblem, replaceFile } from '../files.ts'
import { type Generated, generate, networkLength } from '../generate/generate.ts'
import { workRoot } from '../roots.ts'
import { parseWorldFile } from '../worldfile/read.ts'
import type { WorldFile } from '../worldfile/schema.ts'
import type { Images } from './images.ts'
import { writePlan } from './plan.ts'
import { chooseSettings, readSettings, type Settings } from './settings.ts'
import { worldFolder } from './state.ts'

/** The world file of the folder in which the user works; undefined where there is none. */
export function ownWorldFile(): string | undefined {
  const path = join(workRoot(), 'blackstart.yaml')
  return existsSync(path) ? path : undefined
}

/**
 * The world file of a world: of one that is up the file that made it, else that of the folder, unless Compose files are
 * given; undefined for a world by labels, the reference world among them.
 */
export function worldFileOf(world: string, files: readonly string[] | undefined): string | undefined {
  const known = readSettings(world)
  return known ? known.worldFile : files ? undefined : ownWorldFile()
}

/** Such as a world may get. */
export const anySettings = { net: '198.18.0', ports: '180' }

interface MadeWorld {
  settings: Settings
  /** Services to start first: links and beacons. */
  between: string[]
  images: Images
  /** What is otherwise than in the user's file. */
  notes: string[]
}

/**
 * Writes the Compose file and the plan of a world, with its settings of before if it has any.
 * @throws UsageError for what no world can have, in either file
 */
export async function makeWorld(world: string, { engine, path }: { engine: Engine; path: string }): Promise<MadeWorld> {
  const { plan, config } = await readBoth(path)
  const bits = networkLength(config, plan)
  const settings =
    readSettings(world) ??
    (await chooseSettings(world, engine, [join(worldFolder(world), 'compose.yml')], { bits, worldFile: path }))
  if ((settings.bits ?? 24) > bits)
    throw new UsageError(
      `the world ${world} has become too large for its network: "npx blackstart down --world ${world}" first`,
    )
  const made = generate(config, plan, { world, ...settings })
  keepPasswords(world, made)
  replaceFile(settings.files[0] ?? '', composeText(made, path), { mode: 0o600 })
  writePlan(world, plan)
  return { settings, between: made.between, images: imagesOf(made), notes: made.notes }
}

/** Those of the user's services; set-up makes our own. */
function imagesOf({ compose, between }: Generated): Images {
  const services = compose['services'] as Record<string, { image?: string; build?: unknown }>
  return Object.fromEntries(
    Object.entries(services).flatMap(([name, { image, build }]) =>
      image === undefined || build !== undefined || between.includes(name) ? [] : [[name, image]],
    ),
  )
}

/** Passwords that stand in the user's Compose file, under names of our own: a label never holds a password. */
function keepPasswords(world: string, { passwords }: Generated): void {
  const path = join(worldFolder(world), worldPasswordsFile)
  replaceFile(path, `${JSON.stringify(passwords)}\n`, { mode: 0o600 })
}

/** A world as it would be generated now, without bringing it up: with its settings, or with such as it may get. */
export async function wouldGenerate(world: string, path: string): Promise<Generated> {
  const { plan, config } = await readBoth(path)
  return generate(config, plan, { world, ...(readSettings(world) ?? anySettings) })
}

/** The Compose file of that world. */
export async function showCompose(world: string, path: string): Promise<string> {
  return composeText(await wouldGenerate(world, path), path)
}

async function readBoth(path: string) {
  const plan = readWorldFile(path)
  const folder = dirname(path)
  const config = await readComposeConfig({
    files: [plan.compose].flat(),
    profiles: plan.profiles,
    workFolder: folder,
    environment: composeEnvironment(process.env, [folder]),
  })
  return { plan, config }
}

function composeText({ compose, notes }: Generated, path: string): string {
  const head = [
    ` Generated from ${basename(path)} and the Compose file that it names: changes belong there.`,
    ...notes.map((note) => ` ${note}.`),
  ]
  // With strings quoted that YAML 1.1 takes for something else, such as "no".
  return `${head.map((line) => `#${line}`).join('\n')}\n${stringify(compose, { version: '1.1', lineWidth: 0, aliasDuplicateObjects: false })}`
}

/** @throws UsageError for what is wrong in it, with line and column */
export function readWorldFile(path: string): WorldFile {
  try {
    return parseWorldFile(readFileSync(path, 'utf8'), basename(path)).world
  } catch (error) {
    if (error instanceof UsageError) throw error
    throw new UsageError(`${path} cannot be read: ${fileProblem(error) ?? messageOf(error)}`, { cause: error })
  }
}
