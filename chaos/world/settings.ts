/**
 * The settings in which worlds differ: name, ports on 127.0.0.1, networks. `up` chooses free ones; they are kept until
 * `down`.
 */

import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { z } from 'zod'
import { composeEnvironment } from '../../setup/compose-env.mjs'
import type { Engine } from '../engine/engine.ts'
import { readEnvFile } from '../env-file.ts'
import { EnvironmentError, UsageError } from '../errors.ts'
import { fileProblem } from '../files.ts'
import { packageRoot, workRoot } from '../roots.ts'
import { loopback } from '../topology/topology.ts'
import { forgetDrillSocket } from './drill-socket.ts'
import { leaveWord, settingsElsewhere, takeBackWord } from './elsewhere.ts'
import { worldFolder, worldPlace } from './state.ts'

export const settingsSchema = z.object({
  /** First three digits of every port; the last two say which. */
  ports: z.string().regex(/^[1-3]\d\d$/),
  /** First three bytes of every address. */
  net: z.string().regex(/^198\.1[89]\.\d{1,3}$/),
  /** The length of the network's prefix, if it is larger than those 256 addresses. */
  bits: z.number().int().min(15).max(24).optional(),
  /** The Compose files, absolute, in the order Compose merges them. */
  files: z.array(z.string()),
  /** The `blackstart.yaml` that the world's own file is generated from, at each `up` anew. */
  worldFile: z.string().optional(),
})
export type Settings = z.infer<typeof settingsSchema>

const fileName = 'settings.json'

/**
 * Below 32768, where Linux starts to hand out ports of its own; the first is what docker-compose.yml has by default.
 */
const prefixes = Array.from({ length: 147 }, (_, index) => String(180 + index))

/** Within this time two worlds that chose the same choose again. */
const chooseAgainMs = 500

export function checkWorldName(world: string): void {
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(world))
    throw new UsageError(`"${world}" cannot name a world: lower-case letters, digits and "-", at most 41`)
}

export function readSettings(world: string): Settings | undefined {
  try {
    return settingsSchema.parse(JSON.parse(readFileSync(join(worldPlace(world), fileName), 'utf8')))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    const problem = fileProblem(error)
    if (problem)
      throw new EnvironmentError(`the settings of the world ${world} cannot be read: ${problem}`, { cause: error })
    throw new EnvironmentError(
      `${pathOf(world)} cannot be read; "npx blackstart down --world ${world}" removes the world and the file`,
      { cause: error },
    )
  }
}

/** The Compose files that the user gave for a world; undefined if it has none, or its file is generated. */
export function filesGiven(world: string): string[] | undefined {
  const settings = readSettings(world)
  return settings?.worldFile === undefined ? settings?.files : undefined
}

export function forgetSettings(world: string): void {
  takeBackWord(pathOf(world))
  rmSync(worldFolder(world), { recursive: true, force: true })
  // A drill that was killed left it behind.
  forgetDrillSocket(world)
}

/**
 * Chooses ports and networks that are free, and keeps them. What this user's other worlds have chosen is taken, in
 * whatever folder, though they may not be up yet. Two that choose at the same moment both see it, and choose again.
 */
export async function chooseSettings(
  world: string,
  engine: Engine,
  files: string[],
  generated: Pick<Settings, 'bits' | 'worldFile'> = {},
): Promise<Settings> {
  for (;;) {
    const others = settingsOfOthers(world)
    const settings = {
      ports: await freePorts(others),
      net: await freeNet(engine, others, generated.bits),
      files,
      ...generated,
    }
    writeFileSync(pathOf(world), `${JSON.stringify(settings)}\n`)
    leaveWord(pathOf(world))
    if (!settingsOfOthers(world).some((other) => collide(other, settings))) return settings
    rmSync(pathOf(world))
    await delay(Math.random() * chooseAgainMs)
  }
}

/** Worlds whose settings cannot be read are told by what is asked of them. */
function settingsOfOthers(world: string): Settings[] {
  const here = dirname(worldFolder(world))
  const paths = new Set([...readdirSync(here).map((name) => join(here, name, fileName)), ...settingsElsewhere()])
  paths.delete(pathOf(world))
  return [...paths].flatMap((path) => {
    try {
      return [settingsSchema.parse(JSON.parse(readFileSync(path, 'utf8')))]
    } catch {
      return []
    }
  })
}

function collide(a: Settings, b: Settings): boolean {
  return a.ports === b.ports || overlaps(subnetOf(a), b.net, b.bits)
}

function subnetOf({ net, bits = 24 }: Settings): string {
  return `${net}.0/${bits}`
}

/**
 * For Compose: the variables that the files of a world may use, and the list of these files, so that it reads no
 * others.
 */
export function environmentOf(world: string, settings: Settings): Record<string, string> {
  const folders = [workRoot(), ...settings.files.map((file) => dirname(file))]
  return {
    ...ownEnvFile(),
    ...composeEnvironment(process.env, folders),
    BLACKSTART_WORLD: world,
    BLACKSTART_PORTS: settings.ports,
    BLACKSTART_NET: settings.net,
    COMPOSE_PROJECT_NAME: world,
  }
}

/**
 * Compose itself reads the `.env` beside its files. If the user works in another folder, the variables of the user's
 * `.env` are passed on. The environment wins, as it does over any `.env`.
 */
function ownEnvFile(): Record<string, string> {
  if (workRoot() === packageRoot) return {}
  return Object.fromEntries([...readEnvFile()].filter(([name]) => process.env[name] === undefined))
}

function pathOf(world: string): string {
  return join(worldFolder(world), fileName)
}

async function freePorts(others: readonly Settings[]): Promise<string> {
  for (const prefix of prefixes) {
    if (others.some(({ ports }) => ports === prefix)) continue
    const free = await Promise.all(Array.from({ length: 99 }, (_, index) => isFree(Number(prefix) * 100 + index + 1)))
    if (free.every(Boolean)) return prefix
  }
  throw new EnvironmentError(
    `no free range of 99 ports between 18001 and 32699 on ${loopback}: stop something that listens there ("ss -ltn" lists it), or take another world down`,
  )
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: loopback, port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

async function freeNet(engine: Engine, others: readonly Settings[], bits = 24): Promise<string> {
  const taken = [...(await engine.subnets()), ...others.map(subnetOf)]
  for (let index = 0; index < 512; index += 2 ** (24 - bits)) {
    const net = `198.${18 + Math.floor(index / 256)}.${index % 256}`
    if (!taken.some((subnet) => overlaps(subnet, net, bits))) return net
  }
  throw new EnvironmentError(
    'every network in 198.18.0.0/15 is taken: take other worlds down ("npx blackstart status" lists them)',
  )
}

/** Whether a subnet in CIDR notation shares an address with `net`.0/24, or with a larger network that begins there. */
export function overlaps(subnet: string, net: string, netBits = 24): boolean {
  const [address, bits] = subnet.split('/')
  const length = Math.min(Number(bits), netBits)
  if (!address || address.includes(':') || !Number.isFinite(length)) return false
  const mask = length === 0 ? 0 : (-1 << (32 - length)) >>> 0
  return (toNumber(address) & mask) >>> 0 === (toNumber(`${net}.0`) & mask) >>> 0
}

function toNumber(address: string): number {
  return address.split('.').reduce((sum, byte) => ((sum << 8) | Number(byte)) >>> 0, 0)
}
