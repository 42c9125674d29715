/** status: the state of a world, once or again and again: active faults, roles, and which links answer. */

import { setTimeout as delay } from 'node:timers/promises'
import { type Engine, isNode } from '../engine/engine.ts'
import { messageOf } from '../errors.ts'
import type { Owner } from '../host/owner.ts'
import { palette, wantsColour } from '../live/colours.ts'
import { plain, plainly } from '../report/format.ts'
import { cut, wrapped } from '../report/text.ts'
import { lockOwner } from '../world/lock.ts'
import { type Edge, lookAt, type WorldLook } from '../world/look.ts'
import { isAbout, notReady } from '../world/ready.ts'
import { straysIn } from '../world/strays.ts'
import { type Entry, UndoLedger } from '../world/undo.ts'
import { addresses } from './addresses.ts'
import { readyEngine } from './machine.ts'
import { data, dataRendered, jsonData, width } from './output.ts'

const everyMs = 1_000

export interface StatusOptions {
  world: string
  watch: boolean
  json: boolean
}

/** Exit status: 0 ready, 2 not ready, 3 not up. */
export async function statusCommand({ world, watch, json }: StatusOptions): Promise<number> {
  const engine = await readyEngine('engine')
  return watch ? watchStatus(engine, world, json) : tellStatus(engine, world, json)
}

async function tellStatus(engine: Engine, world: string, json: boolean): Promise<number> {
  const worlds = await engine.worlds()
  if (!worlds.has(world)) {
    const others = [...worlds.keys()]
    if (json) jsonData({ world, up: false, worlds: others })
    else data(`the world ${world} is not up${others.length > 0 ? `; up: ${plain(others.join(', '))}` : ''}`)
    return 3
  }
  const status = await statusOf(engine, world)
  if (json) jsonData(asData(status), 2)
  else
    dataRendered(
      [
        ...drawStatus(status, { colour: wantsColour(process.stdout, process.env), width: width(process.stdout) }),
        '',
        addresses(status.topology),
      ].join('\n'),
    )
  return status.missing.length === 0 ? 0 : 2
}

/**
 * Until Ctrl-C, which is how it is meant to end. On a terminal it is redrawn in place; elsewhere it is printed when it
 * has changed.
 */
async function watchStatus(engine: Engine, world: string, json: boolean): Promise<number> {
  const stop = new AbortController()
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, () => stop.abort())
  const inPlace = process.stdout.isTTY === true && !json
  const options = { colour: wantsColour(process.stdout, process.env) }
  let before = ''
  while (!stop.signal.aborted) {
    const looked = await lookOnce(engine, world)
    const lines =
      'reason' in looked ? [plain(looked.reason)] : drawStatus(looked, { ...options, width: width(process.stdout) })
    if (inPlace)
      process.stdout.write(
        `\x1b[H\x1b[2J${[`${new Date().toTimeString().slice(0, 8)}  every ${everyMs / 1000} s, Ctrl-C ends`, ...lines].slice(0, (process.stdout.rows ?? 50) - 1).join('\n')}\n`,
      )
    else if (json) jsonData('reason' in looked ? { world, up: false, reason: looked.reason } : asData(looked))
    // A round trip is never the same twice, and an age neither.
    else if (essence(lines) !== before) dataRendered(`${new Date().toTimeString().slice(0, 8)}\n${lines.join('\n')}\n`)
    before = essence(lines)
    await delay(everyMs, undefined, { signal: stop.signal }).catch(() => {})
  }
  return 0
}

function essence(lines: readonly string[]): string {
  return lines.join('\n').replaceAll(/\d+(\.\d+)? (ms|s)\b/g, '')
}

interface Status {
  world: string
  containers: number
  missing: string[]
  faults: Entry[]
  owner: Owner | undefined
  look: WorldLook
  /** Connections to ports that no link carries. */
  strays?: string[]
  topology: Awaited<ReturnType<Engine['topology']>>
}

async function lookOnce(engine: Engine, world: string): Promise<Status | { reason: string }> {
  try {
    return await statusOf(engine, world)
  } catch (error) {
    return { reason: messageOf(error) }
  }
}

async function statusOf(engine: Engine, world: string): Promise<Status> {
  const topology = await engine.topology(world)
  const containers = (await engine.containers(world)).filter(isNode)
  const stopped = containers
    .filter((container) => container.state !== 'running')
    .map((container) => `${container.service} is ${container.state}`)
  const [unready, look, strays] = await Promise.all([
    notReady(topology),
    lookAt(topology),
    straysIn(engine, topology).catch(() => []),
  ])
  const { entries: faults, unreadable } = new UndoLedger({
    world,
    engine,
    topology: () => engine.topology(world),
  }).read()
  const unknown = unreadable.map((path) => `${path} cannot be read: "npx blackstart heal" undoes what it may describe`)
  // For containers that do not run, this is all that has to be said.
  const others = unready.filter(
    (line) => !containers.some(({ state, service }) => state !== 'running' && isAbout(line, service)),
  )
  return {
    world,
    containers: containers.length,
    missing: [...stopped, ...others, ...unknown],
    faults,
    owner: lockOwner(world),
    look,
    strays,
    topology,
  }
}

function asData({ world, missing, faults, owner, look, strays, topology }: Status): object {
  return {
    world,
    up: true,
    ready: missing.length === 0,
    missing,
    faults,
    usedBy: owner ?? null,
    notCarried: strays ?? [],
    ...look,
    nodes: topology.nodes.map(({ name, role, site, ports }) => ({ name, role, site, ports })),
  }
}

const label = (text: string): string => `  ${text.padEnd(12)}`

/** The state of a world as lines, none longer than the width. */
export function drawStatus(
  given: Omit<Status, 'topology'>,
  { colour, width }: { colour: boolean; width: number },
): string[] {
  const { world, containers, missing, faults, owner, look, strays = [] } = plainly(given)
  const colours = palette(colour)
  const field = (name: string, texts: string[]): string[] =>
    texts.flatMap((text, index) =>
      wrapped(text, width - 14).map(
        (line, part) => `${index === 0 && part === 0 ? label(name) : ' '.repeat(14)}${line}`,
      ),
    )
  const primaries = look.databases.filter(({ role }) => role === 'primary')
  return [
    `${colours.bold(world)}: ${containers} containers, ${missing.length === 0 ? colours.green('ready') : colours.red('not ready')}`,
    ...(owner ? wrapped(`used by "${owner.command}" (process ${owner.pid})`, width) : []),
    '',
    'faults',
    ...(faults.length === 0
      ? [`  ${colours.dim('none')}`]
      : faults.flatMap((entry) => [
          colours.yellow(cut(`  ${entry.faultId.padEnd(4)} ${entry.what ?? entry.undo.do}, for ${age(entry)}`, width)),
          ...(isOrphan(entry, owner) ? ['       left behind: "npx blackstart heal" heals it'] : []),
        ])),
    'roles',
    ...field(
      'primary',
      primaries.length === 0
        ? [colours.red('none')]
        : primaries.map(({ node, timeline }) => `${node}, timeline ${timeline ?? 'unknown'}`),
    ),
    ...field(
      'standbys',
      look.databases
        .filter(({ role }) => role !== 'primary')
        .map(({ node, role, timeline, note }) =>
          role === 'silent' ? `${node}: ${note}` : `${node}: ${note}, timeline ${timeline ?? 'unknown'}`,
        ),
    ),
    ...field('DCS leader', look.dcsLeader === undefined ? [] : [look.dcsLeader ?? colours.red('none')]),
    ...field(
      'clients use',
      look.entries.map(({ node, accepts }) =>
        accepts ? node : `${node}, ${colours.red('which does not accept connections')}`,
      ),
    ),
    'links, round trips on existing connections',
    ...matrix(look, colours),
    ...(missing.length === 0
      ? []
      : [
          'missing',
          ...missing.slice(0, 8).flatMap((line) => wrapped(line, width - 2).map((part) => `  ${part}`)),
          ...(missing.length > 8 ? [`  and ${missing.length - 8} more`] : []),
        ]),
    ...(strays.length === 0
      ? []
      : ['not carried', ...strays.flatMap((line) => wrapped(line, width - 2).map((part) => `  ${part}`))]),
  ]
}

/** A row a site that pings, a column a site that is pinged. */
function matrix({ sites, edges }: WorldLook, colours: ReturnType<typeof palette>): string[] {
  const wide = Math.max(...sites.map((site) => site.length), 'new only'.length) + 2
  const cell = (from: string, to: string): string => {
    if (from === to) return colours.dim('·'.padEnd(wide))
    const edge = edges.find((each) => each.from === from && each.to === to)
    // Either end can show it; if neither can, it is not known.
    if (!edge)
      return edges.some((each) => each.from === to && each.to === from)
        ? colours.dim('?'.padEnd(wide))
        : ' '.repeat(wide)
    const { text, ok } = edgeWords(edge)
    return (ok ? colours.green : colours.red)(text.padEnd(wide))
  }
  return [
    `${' '.repeat(14)}${sites.map((site) => `to ${site}`.padEnd(wide)).join('')}`.trimEnd(),
    ...sites.map((from) => `${label(from)}${sites.map((to) => cell(from, to)).join('')}`.trimEnd()),
  ]
}

function edgeWords({ existingMs, freshMs }: Edge): { text: string; ok: boolean } {
  if (existingMs !== null && freshMs !== null) return { text: `${Math.round(existingMs)} ms`, ok: true }
  if (existingMs === null && freshMs === null) return { text: 'silent', ok: false }
  return { text: existingMs === null ? 'new only' : 'old only', ok: false }
}

function age({ writtenAt }: Entry): string {
  return `${Math.max(0, Math.round((Date.now() - Date.parse(writtenAt)) / 1000))} s`
}

/** The process that injected it does not hold the world any more. */
function isOrphan({ owner: by }: Entry, owner: Owner | undefined): boolean {
  return owner?.pid !== by.pid || owner.started !== by.started
}
