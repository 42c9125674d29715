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
