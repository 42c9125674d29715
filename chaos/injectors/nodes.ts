/** Acts on the processes of nodes, through what the engine can do. */

import { able } from '../engine/engine.ts'
import { InstrumentError, messageOf } from '../errors.ts'
import { namesOf, type PreparedFault } from '../faults/fault.ts'
import type { Phases } from '../faults/reach.ts'
import type { Node } from '../topology/topology.ts'
import { type Ground, healOnce, singleAct } from './prepared.ts'
import { inTurn } from './switch.ts'

export async function kill(nodes: Node[], ground: Ground): Promise<PreparedFault> {
  const { engine, topology, undo, now } = ground
  const names = namesOf(nodes)
  const ready = await able(engine.can.kill).ready(topology.world, names, { now })
  return {
    async inject(faultId) {
      await undo.write(faultId, { do: 'start-containers', containers: names })
      return { acts: names.length, ...(await ready.kill()), ...healOnce(() => undo.undo(faultId)) }
    },
    dispose: () => ready.dispose(),
  }
}

/** The first crash takes all of them at once; the later ones need not. */
export async function crash(nodes: Node[], phases: Phases, ground: Ground): Promise<PreparedFault> {
  const { engine, topology, undo, now } = ground
  const names = namesOf(nodes)
  const killer = able(engine.can.kill)
  const first = await killer.ready(topology.world, names, { now })
  return {
    async inject(faultId) {
      await undo.write(faultId, { do: 'start-containers', containers: names })
      const times = await first.kill()
      const going = inTurn(phases, {
        up: () => engine.start(topology.world, names),
        // A node that has crashed on its own in the meantime is dead, as intended.
        down: () => killer.eachThatRuns(topology.world, names),
      })
      const heal = healOnce(async () => {
        const failure = await going.stop()
        await undo.undo(faultId)
        if (failure) throw failure
      })
      return { acts: names.length, ...times, ...heal }
    },
    dispose: () => first.dispose(),
  }
}

export async function freeze(nodes: Node[], ground: Ground): Promise<PreparedFault> {
  const { engine, topology } = ground
  const names = namesOf(nodes)
  const ready = await able(engine.can.freeze).ready(topology.world, names)
  return singleAct(ground, {
    undo: { do: 'start-containers', containers: names },
    async act() {
      await ready.freeze()
      return names.length
    },
  })
}

/** `name`: the target, for messages. */
export async function drain(
  nodes: Node[],
  name: string,
  { engine, topology, undo, now }: Ground,
): Promise<PreparedFault> {
  const ready = await engine.readyToStop(topology.world, namesOf(nodes))
  return {
    async inject(faultId) {
      await undo.write(faultId, { do: 'end-drain', drained: ready.drained })
      const firstActMs = now()
      // The engine answers only when a node has ended; this does not wait for it. A node that could not be stopped is
      // reported at the heal; the others are stopped all the same.
      const stops: Promise<unknown>[] = []
      for (const wave of wavesOf(nodes)) {
        const before = Promise.all(stops)
        stops.push(...wave.map(({ name }) => failureOf(before.then(() => ready.stop(name)))))
      }
      const heal = healOnce(async () => {
        const failed = (await Promise.all(stops)).filter((error) => error !== undefined)
        await undo.undo(faultId)
        if (failed.length > 0) throw new InstrumentError(`draining ${name}: ${failed.map(messageOf).join('; ')}`)
      })
      return { acts: nodes.length, firstActMs, lastActMs: now(), ...heal }
    },
    async dispose() {},
  }
}

/** Who uses others ends before them: a database without its DCS cannot hand over, or leave its quorum. */
function wavesOf(nodes: readonly Node[]): Node[][] {
  const turnOf = ({ role }: Node): number => (role === 'app' ? 0 : role === 'database' || role === 'store' ? 1 : 2)
  return [0, 1, 2].map((turn) => nodes.filter((node) => turnOf(node) === turn))
}

function failureOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => undefined,
    (error: unknown) => error,
  )
}

export async function starve(nodes: Node[], cores: number, ground: Ground): Promise<PreparedFault> {
  const { engine, topology } = ground
  const { shares, limit } = await able(engine.can.limitProcessor).ready(topology.world, namesOf(nodes))
  return singleAct(ground, {
    undo: { do: 'restore-cpu', shares },
    async act() {
      await limit({ cores })
      return nodes.length
    },
  })
}
