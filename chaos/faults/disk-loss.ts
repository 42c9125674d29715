/**
 * disk-loss: every process of the target dies at once, and what it had on its volumes is gone.
 *
 * Models: a machine that is replaced: an instance that ends with its local disk, a folder that somebody removed, a disk
 * that broke. The node comes back empty, and must get everything from the others.
 * Does not model: a disk that gives wrong answers, or that fails while the node runs; what kill does not model.
 * Heals by: starting the containers again, with empty volumes. Nothing brings the data back.
 *
 * Only a volume that Compose made for this world, or that has no name, is emptied, and only if nobody else uses it. Folders of
 * this machine are never touched.
 */
import { claim, faultKind, namesOf } from './fault.ts'

export const diskLoss = faultKind({
  kind: 'disk-loss',
  summary: 'Every process of the target dies at once, and its volumes are empty when it comes back',
  models: 'every process of the target dies at once (SIGKILL), and all that it had on its volumes is gone',
  doesNotModel: [
    'silence: peers of a dead node see resets, so they notice sooner than on a cut wire',
    'a disk that fails while the node runs, or that gives back something else than was written',
    'dead links: the link into a dead region still accepts a connection before it closes it',
  ],
  actsOn: 'nodes',
  examples: [{ target: { scope: 'standbys', which: 'one' } }],
  effect: ({ target }) => ({ gone: namesOf(target.nodes) }),
  claims: ({ target }, { probes }) =>
    target.nodes.map((node) =>
      claim(async () => {
        const entries = await probes.stored(node)
        return entries === 0
          ? { holds: true, said: `nothing is left on the volumes of ${node.name}` }
          : { holds: false, said: `${entries} files and folders are left on the volumes of ${node.name}` }
      }),
    ),
  proofLimitMs: 10_000,
  prepare: ({ target }, { injectors }) => injectors.loseDisk(target.nodes),
})
