/** Volumes of a generated world. It has its own; those of the user, and their data, are never touched. */
import type { Config, ConfigService } from './config.ts'

/** The world's own named volumes, under the names that the services use. */
export function ownVolumes(
  { volumes }: Config,
  { world, labels }: { world: string; labels: Record<string, string> },
): { volumes: Record<string, unknown>; notes: string[] } {
  const notes: string[] = []
  const own = Object.entries(volumes ?? {}).map(([name, given]) => {
    const { external, driver_opts, name: _theirs, labels: _labels, ...rest } = given ?? {}
    if (external) notes.push(`volume ${name} is external: the world has an empty one of its own instead`)
    const isFolder = driver_opts?.['device']?.startsWith('/') === true
    if (isFolder)
      notes.push(
        `volume ${name} is your folder ${driver_opts?.['device']}: the world has an empty one of its own instead`,
      )
    const kept = isFolder || external || !driver_opts ? {} : { driver_opts }
    return [name, { ...(external ? {} : rest), ...kept, name: `${world}_${name}`, labels }] as const
  })
  return { volumes: Object.fromEntries(own), notes }
}

/** Where images keep data: a folder of the user's mounted there holds data that trials would change. */
const dataFolders = /^\/(var\/lib\/(postgresql|mysql|mariadb|redis|mongodb|etcd|rabbitmq)|bitnami|data)(\/|$)/

/**
 * The mounts of a service. Folders of the user stay, except one that a node would write its data to: that becomes a volume of
 * the world.
 */
export function ownMounts(
  service: string,
  { volumes }: ConfigService,
): { mounts: NonNullable<ConfigService['volumes']>; made: string[]; notes: string[] } {
  const made: string[] = []
  const notes: string[] = []
  const mounts = (volumes ?? []).map((mount) => {
    if (mount.type !== 'bind' || mount.read_only) return mount
    if (dataFolders.test(mount.target)) {
      const name = `${service}-${mount.target.replaceAll(/[^A-Za-z0-9]+/g, '-').replace(/^-/, '')}`
      made.push(name)
      notes.push(
        `${service} keeps data in your folder ${mount.source}: the world has an empty volume of its own instead`,
      )
      return { type: 'volume', source: name, target: mount.target }
    }
    notes.push(`${service} may write to your ${mount.source}, which it has at ${mount.target}`)
    return mount
  })
  return { mounts, made, notes }
}
