/**
 * The undo ledger. Before a fault acts, the way to undo it is written to disk (and synced), with the process that did
 * it. So another process can heal the fault after this one was killed, as often as needed. (Not to be confused with
 * services/ledger, the application.)
 */
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { able, type Engine } from '../engine/engine.ts'
import { EnvironmentError } from '../errors.ts'
import { ownerSchema, thisProcess } from '../host/owner.ts'
import { enableProxies, removeToxics, toxicPrefix } from '../stack/toxiproxy.ts'
import type { Topology } from '../topology/topology.ts'
import { healWorld, type OnlyInLedger } from './heal.ts'
import { worldFolder } from './state.ts'

const oneUndoSchema = z.discriminatedUnion('do', [
  z.object({ do: z.literal('start-containers'), containers: z.array(z.string()) }),
  z.object({ do: z.literal('start-emptied'), containers: z.array(z.string()) }),
  z.object({ do: z.literal('end-drain'), drained: z.array(z.object({ service: z.string(), startedAt: z.string() })) }),
  z.object({ do: z.literal('remove-toxics'), links: z.array(z.string()) }),
  z.object({ do: z.literal('enable-proxies'), links: z.array(z.string()) }),
  z.object({ do: z.literal('remove-rules'), links: z.array(z.string()) }),
  z.object({
    do: z.literal('restore-cpu'),
    shares: z.array(z.object({ service: z.string(), quotaUs: z.number(), periodUs: z.number() })),
  }),
  z.object({ do: z.literal('remove-balloons'), disks: z.array(z.object({ service: z.string(), path: z.string() })) }),
])
/** `several`: of a fault whose links are of several kinds. */
export const undoSchema = z.union([
  oneUndoSchema,
  z.object({ do: z.literal('several'), undos: z.array(oneUndoSchema).min(1) }),
])
export type Undo = z.infer<typeof undoSchema>
type OneUndo = z.infer<typeof oneUndoSchema>

export const entrySchema = z.object({
  faultId: z.string(),
  what: z.string().optional(),
  world: z.string(),
  writtenAt: z.string(),
  owner: ownerSchema,
  undo: undoSchema,
})
export type Entry = z.infer<typeof entrySchema>

export class UndoLedger {
  readonly #folder: string
  readonly #world: string
  readonly #engine: Engine
  readonly #topology: () => Promise<Topology>
  readonly #what: string | undefined

  constructor({
    world,
    engine,
    topology,
    what,
  }: { world: string; engine: Engine; topology: () => Promise<Topology>; what?: string }) {
    this.#world = world
    this.#engine = engine
    this.#topology = topology
    this.#what = what
    this.#folder = join(worldFolder(world), 'undo')
    mkdirSync(this.#folder, { recursive: true })
  }

  /** The same ledger, whose entries say what they undo: "kill region east". */
  sayingOf(what: string): UndoLedger {
    return new UndoLedger({ world: this.#world, engine: this.#engine, topology: this.#topology, what })
  }

  /**
   * Puts the undo of a fault on disk. When this returns, the fault can be healed even after a crash of this process.
   */
  async write(faultId: string, undo: Undo): Promise<void> {
    const entry: Entry = {
      faultId,
      ...(this.#what && { what: this.#what }),
      world: this.#world,
      writtenAt: new Date().toISOString(),
      owner: thisProcess(),
      undo,
    }
    const path = this.#path(faultId)
    const file = openSync(`${path}.new`, 'w', 0o600)
    writeSync(file, `${JSON.stringify(entry)}\n`)
    fsyncSync(file)
    closeSync(file)
    renameSync(`${path}.new`, path)
    // The name must survive too, not only the bytes.
    const folder = openSync(this.#folder, 'r')
    fsyncSync(folder)
    closeSync(folder)
  }

  /** Undoes a fault and strikes it from the ledger. Without an entry there is nothing to do. */
  async undo(faultId: string): Promise<void> {
    const entry = this.entries().find((each) => each.faultId === faultId)
    if (!entry) return
    await this.#act(entry)
    this.strike(faultId)
  }

  /** Strikes a fault that its own hand has undone. */
  strike(faultId: string): void {
    rmSync(this.#path(faultId), { force: true })
  }

  /**
   * What is written down and not yet undone. @throws EnvironmentError for an unreadable entry, which is no reason to
   * skip it
   */
  entries(): Entry[] {
    const {
      entries,
      unreadable: [first],
    } = this.read()
    if (first)
      throw new EnvironmentError(
        `the undo ledger's entry ${first} cannot be read; "npx blackstart heal" heals from what the world itself shows, and removes it`,
      )
    return entries
  }

  /** The same, with the paths of what cannot be read. */
  read(): { entries: Entry[]; unreadable: string[] } {
    const entries: Entry[] = []
    const unreadable: string[] = []
    for (const name of readdirSync(this.#folder).filter((each) => each.endsWith('.json'))) {
      const path = join(this.#folder, name)
      const entry = entryIn(path)
      if (entry) entries.push(entry)
      else unreadable.push(path)
    }
    return { entries, unreadable }
  }

  /** Forgets every entry: after the whole world was healed from its labels. */
  clear(): void {
    rmSync(this.#folder, { recursive: true, force: true })
    mkdirSync(this.#folder, { recursive: true })
  }

  async #act({ faultId, undo }: Entry): Promise<void> {
    if (undo.do === 'several') for (const each of undo.undos) await this.#actOne(faultId, each)
    else await this.#actOne(faultId, undo)
  }

  async #actOne(faultId: string, undo: OneUndo): Promise<void> {
    switch (undo.do) {
      case 'start-containers':
        await this.#engine.start(this.#world, undo.containers)
        return
      case 'start-emptied':
        // Half of a disk is what no machine comes back with.
        await able(this.#engine.can.loseDisk).emptyOfDead(this.#world, undo.containers)
        await this.#engine.start(this.#world, undo.containers)
        return
      case 'end-drain':
        await this.#engine.endDrains(this.#world, undo.drained)
        await this.#engine.start(
          this.#world,
          undo.drained.map(({ service }) => service),
        )
        return
      case 'remove-toxics':
        await removeToxics(await this.#topology(), undo.links, toxicPrefix(faultId))
        return
      case 'enable-proxies':
        await enableProxies(await this.#topology(), undo.links)
        return
      case 'remove-rules':
        await able(this.#engine.can.cutLinks).restore(this.#world, undo.links, faultId)
        return
      case 'restore-cpu':
        await able(this.#engine.can.limitProcessor).restore(this.#world, undo.shares)
        return
      case 'remove-balloons':
        await able(this.#engine.can.fillDisk).empty(this.#world, undo.disks)
        return
    }
  }

  #path(faultId: string): string {
    return join(this.#folder, `${faultId}.json`)
  }
}

function entryIn(path: string): Entry | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(readFileSync(path, 'utf8'))).data
  } catch {
    return undefined
  }
}

/**
 * Heals all that is broken in a world, no matter which process broke it, and removes it from the ledger. Returns what
 * had to be healed, and what was written down about it. The caller holds the world's lock.
 */
export async function healAll(engine: Engine, world: string): Promise<{ healed: string[]; entries: Entry[] }> {
  const ledger = new UndoLedger({ world, engine, topology: () => engine.topology(world) })
  const { entries, unreadable } = ledger.read()
  const ruled: string[] = []
  const only: OnlyInLedger = {
    shares: [],
    drained: [],
    emptied: [],
    ruled: unreadable.length > 0 ? 'perhaps all' : ruled,
  }
  for (const undo of entries.flatMap(({ undo }) => (undo.do === 'several' ? undo.undos : [undo]))) {
    if (undo.do === 'remove-rules') ruled.push(...undo.links)
    if (undo.do === 'restore-cpu') only.shares.push(...undo.shares)
    if (undo.do === 'start-emptied') only.emptied.push(...undo.containers)
    if (undo.do === 'end-drain') only.drained.push(...undo.drained)
  }
  const healed = await healWorld(engine, world, only, { ownerDied: entries.length + unreadable.length > 0 })
  ledger.clear()
  return { healed: [...healed, ...unreadable.map((path) => `${path}: could not be read, removed`)], entries }
}
