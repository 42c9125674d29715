/** Implements the injectors and probes of chaos/faults/reach.ts for a real world. */
import { CannotRun } from '../engine/engine.ts'
import { type FaultContext, type PreparedFault, type Shown, Unavailable } from '../faults/fault.ts'
import type { Injectors } from '../faults/reach.ts'
import { fillDisk, loseDisk } from './disks.ts'
import { handOver } from './hand-over.ts'
import { cuts, losing } from './links.ts'
import { crash, drain, freeze, kill, starve } from './nodes.ts'
import { type Ground, healOnce } from './prepared.ts'
import { probes } from './probes.ts'
import { ruleSwitch } from './rules.ts'
import { alternating, switchedOn } from './switch.ts'
import { toxicSwitch } from './toxics.ts'

/** What a kind is given, to look and to act with. */
export function contextOn(ground: Ground & { view: Shown }): FaultContext {
  const { topology, now, view, takenBy } = ground
  return { topology, now, view, ...(takenBy && { takenBy }), injectors: injectors(ground), probes: probes(ground) }
}

function injectors(ground: Ground): Injectors {
  return {
    nothing: async () => nothing(ground),
    kill: (nodes) => available(kill(nodes, ground)),
    crash: (nodes, phases) => available(crash(nodes, phases, ground)),
    freeze: (nodes) => available(freeze(nodes, ground)),
    drain: (nodes, name) => available(drain(nodes, name, ground)),
    starve: (nodes, cores) => available(starve(nodes, cores, ground)),
    fillDisk: (nodes, pathOf) => available(fillDisk(nodes, pathOf, ground)),
    loseDisk: (nodes) => available(loseDisk(nodes, ground)),
    cut: async (links) => switchedOn(await available(cuts.blackhole(links, ground)), ground),
    isolate: async (nodes) => switchedOn(await available(ruleSwitch(nodes, ground, () => 'isolate')), ground),
    lose: async (links, share, from) => switchedOn(await available(losing(links, ground, share, from)), ground),
    toxic: async (links, toxic, on) => switchedOn(await available(toxicSwitch(links, ground, toxic, on)), ground),
    refuse: async (links) => switchedOn(await available(cuts.refuse(links, ground)), ground),
    flap: async (links, kind, phases) => alternating(await available(cuts[kind](links, ground)), phases, ground),
    handOver: async (primary, to) => handOver(primary, to, ground),
  }
}

function nothing({ now }: Ground): PreparedFault {
  return {
    async inject() {
      const atMs = now()
      return { acts: 0, firstActMs: atMs, lastActMs: atMs, ...healOnce(async () => {}) }
    },
    async dispose() {},
  }
}

/** If the engine or its machine cannot do this, the fault is unavailable. */
async function available<T>(work: Promise<T>): Promise<T> {
  return work.catch((error: unknown) => {
    throw error instanceof CannotRun ? new Unavailable(error.message, { cause: error }) : error
  })
}
