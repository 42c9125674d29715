/** Finds everything that has a world's label: containers, networks, volumes. */
import { within } from '../../wait.ts'
import type { Belonging } from '../engine.ts'
import type { Daemon } from './daemon.ts'

const limitMs = 60_000

export async function belongingsOf({ docker }: Pick<Daemon, 'docker'>, world: string): Promise<Belonging[]> {
  const filters = { label: [`blackstart.world=${world}`] }
  const [containers, networks, { Volumes: volumes }] = await within(
    limitMs,
    `listing what the world ${world} has`,
    Promise.all([
      docker.listContainers({ all: true, filters }),
      docker.listNetworks({ filters }),
      docker.listVolumes({ filters }),
    ]),
  )
  return [
    ...containers.map(
      ({ Id, Names }): Belonging => ({
        is: 'containers',
        id: Id,
        name: Names[0]?.replace(/^\//, '') ?? Id,
        remove: () => unlessGone(docker.getContainer(Id).remove({ force: true, v: true })),
      }),
    ),
    ...networks.map(
      ({ Id, Name }): Belonging => ({
        is: 'networks',
        id: Id,
        name: Name,
        remove: () => unlessGone(docker.getNetwork(Id).remove()),
      }),
    ),
    ...(volumes ?? []).map(
      ({ Name }): Belonging => ({
        is: 'volumes',
        id: `volume ${Name}`,
        name: Name,
        remove: () => unlessGone(docker.getVolume(Name).remove()),
      }),
    ),
  ]
}

/** Another process was faster: it is removed already. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404) throw error
  })
}
