/**
 * Empties the volumes of nodes that are dead. It is the one thing that cannot be given back, so it asks twice: a volume
 * must be this world's own, and nobody else's.
 */
import type Docker from 'dockerode'
import { CannotRun, type LoseDisk } from '../engine.ts'
import type { Daemon } from './daemon.ts'
import { type Helper, startHelper } from './helper.ts'

/** Where a helper sees the volumes, each in a folder of its own, which stays. */
const place = '/volumes'
const inside = `find ${place} -mindepth 2`
/** As Docker names volumes that have no name. */
const nameless = /^[0-9a-f]{64}$/

interface Volumes {
  service: string
  names: string[]
}

export function loseDiskOf(daemon: Daemon): LoseDisk {
  return {
    async ready(world, services) {
      const helpers = await helpersAt(daemon, world, services)
      if (helpers.length === 0)
        throw new CannotRun(
          `${services.join(', ')}: no volume that could be lost; what is stored is in the container, or in a folder of this machine, which Blackstart does not touch`,
        )
      return { empty: () => emptied(helpers), dispose: () => disposed(helpers) }
    },
    async stored(world, service) {
      const helpers = await helpersAt(daemon, world, [service])
      const counts = await Promise.all(helpers.map((helper) => helper.run(`${inside} | wc -l`))).finally(() =>
        disposed(helpers),
      )
      return counts.reduce((sum, count) => sum + Number(count), 0)
    },
    async emptyOfDead(world, services) {
      const dead = (await daemon.containers(world)).filter(
        ({ service, state }) => services.includes(service) && state !== 'running' && state !== 'paused',
      )
      const names = dead.map(({ service }) => service)
      const helpers = await helpersAt(daemon, world, names)
      await emptied(helpers).finally(() => disposed(helpers))
      return names
    },
  }
}

/** One at each of these nodes that has volumes. */
async function helpersAt(daemon: Daemon, world: string, services: readonly string[]): Promise<Helper[]> {
  const all = await volumesOf(daemon, world, services)
  return Promise.all(all.filter(({ names }) => names.length > 0).map((each) => helperAt(daemon, world, each)))
}

async function emptied(helpers: readonly Helper[]): Promise<void> {
  await Promise.all(helpers.map((helper) => helper.run(`${inside} -delete`)))
}

async function disposed(helpers: readonly Helper[]): Promise<void> {
  await Promise.all(helpers.map((helper) => helper.dispose()))
}

function helperAt(daemon: Daemon, world: string, { service, names }: Volumes): Promise<Helper> {
  const Mounts = names.map(
    (Source, index): Docker.MountSettings => ({
      Type: 'volume',
      Source,
      Target: `${place}/${index}`,
      VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
    }),
  )
  // What is removed belongs to other users.
  const host = { NetworkMode: 'none', CapAdd: ['DAC_OVERRIDE', 'DAC_READ_SEARCH', 'FOWNER'], Mounts }
  return startHelper(daemon, { world, what: `the volumes of ${service}`, host })
}

/** @throws CannotRun for a volume that is not this world's own, or somebody else's too */
async function volumesOf(daemon: Daemon, world: string, services: readonly string[]): Promise<Volumes[]> {
  const containers = (await daemon.containers(world)).filter(({ service }) => services.includes(service))
  const ids = new Set(containers.map(({ id }) => id))
  return Promise.all(
    containers.map(async ({ id, service }) => {
      const { Mounts } = await daemon.docker.getContainer(id).inspect()
      const names = Mounts.filter(({ Type, RW }) => Type === 'volume' && RW).flatMap(({ Name }) => Name ?? [])
      for (const name of names) await checkOwn(daemon, { world, name, service, ids })
      return { service, names }
    }),
  )
}

async function checkOwn(
  { docker }: Daemon,
  { world, name, service, ids }: { world: string; name: string; service: string; ids: ReadonlySet<string> },
): Promise<void> {
  const { Labels } = await docker.getVolume(name).inspect()
  const labels: Record<string, string | undefined> = Labels ?? {}
  const isOwn =
    nameless.test(name) || [labels['com.docker.compose.project'], labels['blackstart.world']].includes(world)
  if (!isOwn)
    throw new CannotRun(
      `the volume ${name} of ${service} was not made for the world ${world}: nothing would bring back what is in it`,
    )
  const users = await docker.listContainers({ all: true, filters: { volume: [name] } })
  const other = users.find(({ Id, Labels: its }) => !ids.has(Id) && its['blackstart.role'] !== 'helper')
  if (other !== undefined)
    throw new CannotRun(
      `the volume ${name} of ${service} is used by ${other.Names[0]?.slice(1) ?? other.Id} as well, which the fault does not take`,
    )
}
