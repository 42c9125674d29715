/** Fills the disk of a node with one file, and removes that file again. */
import { allDone } from '../../all-done.ts'
import type { Disk, FillDisk, Room } from '../engine.ts'
import { type Daemon, findOne, findRunning } from './daemon.ts'
import { execIn, inShell } from './exec.ts'

/** The file that fills a disk. */
export const balloon = '.blackstart-balloon'

/**
 * Takes what is left in one step where the file system can, and byte by byte what that left over. It must end on "no
 * space left".
 */
const fill =
  'fallocate -l "$(df --output=avail -B1 -- "$(dirname -- "$1")" | tail -1)" -- "$1" 2>/dev/null; cat /dev/zero >> "$1" 2>/dev/null; true'

export function fillDiskOf(daemon: Daemon): FillDisk {
  return {
    async ready(world, disks) {
      const running = await findRunning(
        daemon,
        world,
        disks.map(({ service }) => service),
      )
      const hands = running.map(({ id }, index) => ({ id, path: disks[index]?.path ?? '' }))
      return {
        rooms: await Promise.all(hands.map((hand) => roomIn(daemon, hand))),
        async fill() {
          await Promise.all(
            hands.map(({ id, path }) => execIn(daemon, { id }, inShell(fill, `${path}/${balloon}`), { user: 'root' })),
          )
        },
      }
    },
    async roomAt(world, { service, path }) {
      const { id } = await findOne(daemon, world, service)
      return roomIn(daemon, { id, path })
    },
    empty: (world, disks) => removeBalloons(daemon, world, disks),
  }
}

async function roomIn(daemon: Daemon, { id, path }: { id: string; path: string }): Promise<Room> {
  const said = await execIn(daemon, { id }, ['df', '-B1', '--output=size,avail,target', '--', path], { user: 'root' })
  // The target comes last, since it may contain spaces.
  const [, size, available, mountedAt] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(said.trimEnd().split('\n').at(-1) ?? '') ?? []
  return { size: Number(size), available: Number(available), mountedAt: mountedAt ?? '' }
}

/** Removes the files that fill disks. Returns the names of the nodes that had one. */
export async function removeBalloons(daemon: Daemon, world: string, disks: Disk[]): Promise<string[]> {
  const containers = (await daemon.containers(world)).filter(({ state }) => state === 'running')
  const known = disks.flatMap((disk) =>
    containers.filter(({ service }) => service === disk.service).map(({ id }) => ({ ...disk, id })),
  )
  const results = await Promise.allSettled(
    known.map(async ({ id, service, path }) => {
      const said = await execIn(
        daemon,
        { id },
        inShell('test ! -e "$1" || { rm -f -- "$1" && echo removed; }', `${path}/${balloon}`),
        { user: 'root' },
      )
      return said.includes('removed') ? [service] : []
    }),
  )
  return allDone(
    'emptying the disk of',
    results,
    known.map(({ service }) => service),
  ).flat()
}
