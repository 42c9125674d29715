/**
 * disk-full: a file takes all that is left on the disk that holds the node's data.
 *
 * Models: a disk that ran full. Every write that needs room fails with ENOSPC; what has its room already goes on.
 * Does not model: a quota, or a disk that is slow because it is nearly full.
 * Heals by: removing the file.
 *
 * It acts only on a disk of the node's own. A volume on the engine's disk shares that one with all others: filling it
 * would break the world, the engine and this harness at once.
 */
import type Docker from 'dockerode'
import { execIn, inShell } from '../engine/exec.ts'
import { balloon } from '../engine/resources.ts'
import { singleAct, Unavailable, type Claim, type Fault, type FaultContext } from './fault.ts'
import { findVictims } from './kill.ts'
import { onlyNodes } from './nodes.ts'

/** A disk of more than this is taken for the engine's own. */
const largestBytes = 8 * 2 ** 30
const label = 'disk.path'

export const diskFull: Fault<'disk-full'> = {
  kind: 'disk-full',
  models: "the disk that holds the node's data has no byte left",
  doesNotModel: ['a quota', 'a disk that slows down as it fills'],
  actsOn: 'nodes',
  unavailable({ target }) {
    const without = target.nodes.find((node) => !node.attributes[label])
    return (
      onlyNodes('disk-full', target) ??
      (without && `${without.name} does not say where its data is: give it the label blackstart.${label}=<folder>`)
    )
  },
  effect: ({ target }) => ({ unsettled: target.nodes.map((node) => node.name) }),
  claims: ({ target }, context) =>
    target.nodes.map(
      (node): Claim => ({
        async look() {
          const [victim] = await findVictims([node], context)
          const { available } = await roomAt(
            context,
            victim?.container as Docker.Container,
            node.attributes[label] ?? '',
          )
          return available === 0
            ? { holds: true, evidence: `${node.name} has 0 bytes left at ${node.attributes[label]}` }
            : { holds: false, seen: `${node.name} has ${available} bytes left` }
        },
      }),
    ),
  proofLimitMs: 10_000,
  async prepare({ target }, context) {
    const victims = await findVictims(target.nodes, context)
    const disks = await Promise.all(
      victims.map(async ({ service, container }) => {
        const path = target.nodes.find((node) => node.name === service)?.attributes[label] ?? ''
        const room = await roomAt(context, container, path)
        if (room.size > largestBytes || room.mountedAt !== path) {
          throw new Unavailable(
            `the data of ${service} is not on a disk of its own (${path} is part of one of ${(room.size / 2 ** 30).toFixed(0)} GiB, mounted at ${room.mountedAt}): filling it would harm everything else on this machine; regions/small-disks.yml gives each database a small one`,
          )
        }
        return { service, path }
      }),
    )
    return singleAct({
      context,
      undo: { do: 'remove-balloons', disks },
      async act() {
        await Promise.all(
          disks.map(({ path }, index) =>
            execIn(context.engine, victims[index]?.container as Docker.Container, inShell(fill, `${path}/${balloon}`), {
              user: 'root',
            }),
          ),
        )
        return disks.length
      },
    })
  },
}

/**
 * Takes what is left in one step where the file system can, and byte by byte what that left over. It must end on "no
 * space left".
 */
const fill =
  'fallocate -l "$(df --output=avail -B1 -- "$(dirname -- "$1")" | tail -1)" -- "$1" 2>/dev/null; cat /dev/zero >> "$1" 2>/dev/null; true'

async function roomAt(
  { engine }: FaultContext,
  container: Docker.Container,
  path: string,
): Promise<{ size: number; available: number; mountedAt: string }> {
  const said = await execIn(engine, container, ['df', '-B1', '--output=size,avail,target', '--', path], {
    user: 'root',
  })
  // The target comes last, for it may hold spaces.
  const [, size, available, mountedAt] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(said.trimEnd().split('\n').at(-1) ?? '') ?? []
  return { size: Number(size), available: Number(available), mountedAt: mountedAt ?? '' }
}
