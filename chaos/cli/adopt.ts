/** adopt: writes a first blackstart.yaml for somebody's Compose file, and checks one without an engine. */
import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'
import { composeEnvironment } from '../../setup/compose-env.mjs'
import { checkWorld } from '../adopt/check.ts'
import { rawVariables } from '../adopt/databases.ts'
import { draftOf } from '../adopt/draft.ts'
import { passwordNotes } from '../adopt/notes.ts'
import { worldFileText } from '../adopt/write.ts'
import { readComposeConfig } from '../compose/config.ts'
import { readEnvFile } from '../env-file.ts'
import { messageOf, UsageError, withNearest } from '../errors.ts'
import { fileProblem, replaceFile } from '../files.ts'
import { configSchema } from '../generate/config.ts'
import { workRoot } from '../roots.ts'
import { parseWorldFile } from '../worldfile/read.ts'
import { askedOn } from './adopt-ask.ts'
import { withConfigFiles } from './adopt-configs.ts'
import { draftWords, listed } from './adopt-words.ts'
import { schemaFor } from './from-file.ts'
import { data, jsonData, say } from './output.ts'

interface AdoptOptions {
  /** The user's Compose files, absolute; the usual ones where none is given. */
  files: readonly string[]
  profiles: readonly string[]
  /** "east=db1,app1" */
  regions: readonly string[]
  output?: string
  force: boolean
  json: boolean
}

interface Given {
  region?: string[]
  profile?: string[]
  output?: string
  force: boolean
  check: boolean
  json: boolean
}

export function adoptCommand(
  compose: readonly string[],
  { region, profile, check, ...options }: Given,
): Promise<number> {
  if (!check) return adopt({ ...options, files: existing(compose), profiles: profile ?? [], regions: region ?? [] })
  if (compose.length > 0 || region || profile || options.force)
    throw new UsageError('adopt --check checks the file that is there: give it nothing but --output and --json')
  return checkAdopted(options)
}

function existing(files: readonly string[]): string[] {
  return files.map((file) => {
    if (!existsSync(file)) throw new UsageError(`there is no ${file}`)
    return resolve(file)
  })
}

/** @throws UsageError for what cannot be read, and for a file that is there already */
async function adopt(options: AdoptOptions): Promise<number> {
  const path = outputPath(options.output)
  if (existsSync(path) && !options.force)
    throw new UsageError(
      `${shown(path)} is there already: "npx blackstart adopt --check" checks it, --force writes it anew, and --output <file> writes another`,
    )
  const compose = composeFiles(options.files, dirname(path))
  const read = (interpolate: boolean) =>
    configOf({ compose, profiles: options.profiles, folder: dirname(path), interpolate })
  const config = await read(true)
  // Only for the names of variables; some versions of Compose cannot read every file without putting values in.
  const raw = rawVariables(await read(false).catch(() => ({ services: {} })))
  const chosen = regionsSaid(options.regions, Object.keys(config.services))
  const draft = await askedOn(process, (answers) =>
    draftOf(config, { compose, profiles: options.profiles, raw, ...answers, chosen: answers.chosen ?? chosen }),
  )
  const text = worldFileText(draft, schemaFor(path, 'world'))
  // What is written is read again as any other file: no draft may be one that `up` refuses to read.
  const { notes, problems } = checkWorld(parseWorldFile(text, basename(path)).world, config)
  replaceFile(path, text)
  if (options.json) jsonData({ file: path, ...draft, problems, notes }, 2)
  else {
    say(draftWords(draft, { services: Object.keys(config.services).length, compose }))
    tell(listed('To know', notes))
    tell(
      listed(
        'What must be changed before it can be brought up',
        problems.map(({ message }) => message),
      ),
    )
    say(`wrote ${shown(path)}${draft.todo.length > 0 ? `; it has ${draft.todo.length} things to do in it, marked TODO` : ''}

next:
  $ npx blackstart adopt --check     says without Docker's engine what would fail
  $ npx blackstart show --compose    the Compose file of the world
  $ npx blackstart up`)
    data(path)
  }
  return problems.length > 0 ? 4 : 0
}

/** Says what `up` would refuse, and what a world has otherwise. @returns 4 where something would fail */
async function checkAdopted({ output, json }: Pick<AdoptOptions, 'output' | 'json'>): Promise<number> {
  const path = outputPath(output)
  if (!existsSync(path))
    throw new UsageError(`there is no ${shown(path)}: "npx blackstart adopt" writes one from your Compose file`)
  const { world, refuse } = parseWorldFile(readText(path), shown(path))
  const config = await configOf({
    compose: [world.compose].flat(),
    profiles: world.profiles ?? [],
    folder: dirname(path),
    interpolate: true,
  })
  const { problems, notes: found } = checkWorld(world, config)
  const notes = [...found, ...passwordNotes(world, configSchema.parse(config), new Set(readEnvFile().keys()))]
  if (json) {
    jsonData({ file: path, problems, notes }, 2)
    return problems.length > 0 ? 4 : 0
  }
  tell(listed('To know', notes))
  refuse(problems)
  const sites = Object.keys(world.sites)
  say(
    `${shown(path)}: nothing would fail (${Object.keys(config.services).length} services at ${sites.length} sites: ${sites.join(', ')})`,
  )
  return 0
}

function tell(text: string): void {
  if (text !== '') say(text)
}

function outputPath(output: string | undefined): string {
  return output === undefined ? join(workRoot(), 'blackstart.yaml') : resolve(output)
}

function shown(path: string): string {
  const short = relative(process.cwd(), path)
  return short === '' || short.startsWith('..') ? path : short
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    throw new UsageError(`${shown(path)} cannot be read: ${fileProblem(error) ?? messageOf(error)}`, { cause: error })
  }
}

/** Those that Compose takes where none is given, with what stands beside each. */
const usual = ['compose.yaml', 'compose.yml', 'docker-compose.yml', 'docker-compose.yaml']

/** As the world file names them: from its own folder. */
function composeFiles(given: readonly string[], folder: string): string[] {
  if (given.length > 0) return given.map((file) => relative(folder, file))
  const first = usual.find((name) => existsSync(join(folder, name)))
  if (first === undefined)
    throw new UsageError(
      `there is no Compose file in ${folder} (${usual.join(', ')}): name yours, as in "npx blackstart adopt deploy/compose.yml"`,
    )
  const overrides = ['yml', 'yaml'].map((ending) => first.replace(/\.ya?ml$/, `.override.${ending}`))
  return [first, ...overrides.filter((name) => existsSync(join(folder, name))).slice(0, 1)]
}

interface Asked {
  compose: readonly string[]
  profiles: readonly string[]
  folder: string
  interpolate: boolean
}

async function configOf({ compose, profiles, folder, interpolate }: Asked) {
  const environment = composeEnvironment(process.env, [dirname(join(folder, compose[0] ?? ''))])
  return withConfigFiles(
    await readComposeConfig({ files: compose, profiles, workFolder: folder, environment, interpolate }),
  )
}

/** "east=db1,app1" → db1 and app1 at east. @throws UsageError for services that are not there */
function regionsSaid(regions: readonly string[], services: readonly string[]): Map<string, string> {
  const chosen = new Map<string, string>()
  for (const said of regions) {
    const [region = '', list = ''] = said.split('=')
    const names = list.split(',').filter((name) => name !== '')
    if (!/^[a-z0-9][a-z0-9-]{0,30}$/.test(region) || names.length === 0)
      throw new UsageError(`--region ${said}: expected a region and its services, such as east=db-1,api-1`)
    for (const name of names) {
      if (!services.includes(name.replace(/-\d+$/, '')) && !services.includes(name))
        throw new UsageError(withNearest(`--region ${said}: ${name} is no service of the Compose file`, name, services))
      if (chosen.has(name)) throw new UsageError(`--region ${said}: ${name} stands at ${chosen.get(name)} already`)
      chosen.set(name, region)
    }
  }
  return chosen
}
