/**
 * disk-full: a file takes all free space of the disk that holds the node's data.
 *
 * Models: a full disk. Every write that needs space fails with ENOSPC; writes to space that is already allocated
 * succeed.
 * Does not model: a quota, or a disk that is slow because it is nearly full.
 * Heals by: removing the file.
 *
 * Only for a node with a disk of its own. Volumes on the engine's disk share it with everything else: filling that disk
 * would break the world, the engine and Blackstart itself.
 */
import { claim, faultKind, namesOf } from './fault.ts'

const label = 'disk.path'

export const diskFull = faultKind({
  kind: 'disk-full',
  summary: "The target's disk has no room left",
  models: "the disk that holds the node's data has no byte left",
  doesNotModel: ['a quota', 'a disk that slows down as it fills'],
  actsOn: 'nodes',
  examples: [{ target: { scope: 'standbys', which: 'one' } }],
  unavailable({ target }) {
    const without = target.nodes.find((node) => !node.attributes[label])
    return without && `${without.name} does not say where its data is: give it the label blackstart.${label}=<folder>`
  },
  effect: ({ target }) => ({ unsettled: namesOf(target.nodes) }),
  claims: ({ target }, { probes }) =>
    target.nodes.map((node) =>
      claim(async () => {
        const path = node.attributes[label] ?? ''
        const available = await probes.roomLeft(node, path)
        return available === 0
          ? { holds: true, said: `${node.name} has 0 bytes left at ${path}` }
          : { holds: false, said: `${node.name} has ${available} bytes left` }
      }),
    ),
  proofLimitMs: 10_000,
  prepare: ({ target }, { injectors }) => injectors.fillDisk(target.nodes, (node) => node.attributes[label] ?? ''),
})
