/**
 * A look at a generated world from outside, by the engine, netfilter and Toxiproxy: what faults may change of it, as
 * lines. Two looks are compared. It shares nothing with the code that heals but the names of things.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { promisify } from 'node:util'
import Docker, { type ContainerInspectInfo } from 'dockerode'
import { worldFolder } from '../../../chaos/world/state.ts'
import { containersOf } from './outside.ts'

const docker = new Docker()
const run = promisify(execFile)

export async function linesOf(world: string): Promise<string[]> {
  const containers = await containersOf(world)
  const links = containers.filter(({ Config }) => Config.Labels['blackstart.role'] === 'link')
  const looks = await Promise.all([...containers.map((each) => [stateOf(each)]), ...links.map(linkLines)])
  const folder = `${worldFolder(world)}/undo`
  const undo = existsSync(folder) ? readdirSync(folder).map((name) => `the undo ledger has ${name}`) : []
  return [...looks.flat(), ...undo].toSorted()
}

/** What only one of two looks has. */
export function differences(before: readonly string[], now: readonly string[]): string[] {
  return [
    ...before.filter((line) => !now.includes(line)).map((line) => `no more: ${line}`),
    ...now.filter((line) => !before.includes(line)).map((line) => `new: ${line}`),
  ]
}

function stateOf({ Name, State, HostConfig: { RestartPolicy, CpuQuota, NanoCpus } }: ContainerInspectInfo): string {
  const state = State.Paused ? 'paused' : State.Status
  // To the engine -1 is none, as is 0.
  const quota = (CpuQuota ?? 0) > 0 ? CpuQuota : NanoCpus || 'none'
  return `${Name.slice(1)} is ${state}, restart ${RestartPolicy?.Name || 'no'}, quota ${quota}`
}

/** Its proxies with their toxics, and the tables of its netfilter but for the engine's own. */
async function linkLines({ Name, Id, NetworkSettings }: ContainerInspectInfo): Promise<string[]> {
  const name = Name.slice(1)
  const port = NetworkSettings.Ports['8474/tcp']?.[0]?.HostPort
  const [proxies, { stdout }] = await Promise.all([
    fetch(`http://127.0.0.1:${port}/proxies`, { signal: AbortSignal.timeout(2_000) }).then(
      async (response) => (await response.json()) as Record<string, { enabled: boolean; toxics: { name: string }[] }>,
      () => undefined,
    ),
    run('docker', [
      ...['run', '--rm', '--network', `container:${Id}`, '--cap-add', 'NET_ADMIN', 'blackstart/helper'],
      ...['nft', 'list', 'tables'],
    ]).catch((error: unknown) => ({ stdout: `not to be seen: ${String(error)}` })),
  ])
  const tables = stdout.split('\n').filter((line) => line !== '' && !/^table ip6? nat$/.test(line))
  return [
    ...(proxies === undefined ? [`${name} does not answer`] : []),
    ...Object.entries(proxies ?? {}).map(
      ([proxy, { enabled, toxics }]) =>
        `${name}: ${proxy} is ${enabled ? 'enabled' : 'disabled'}, with ${JSON.stringify(toxics.toSorted((a, b) => (a.name < b.name ? -1 : 1)))}`,
    ),
    ...tables.map((table) => `${name}: netfilter has ${table}`),
  ]
}

/** Of containers that are no part of the world: which process runs since when, and whether it may. */
export async function untouched(names: readonly string[]): Promise<string[]> {
  const looks = await Promise.all(names.map((name) => docker.getContainer(name).inspect()))
  return looks.map(
    ({ Name, State, RestartCount, HostConfig }) =>
      `${Name} ${State.Status} ${State.Paused} ${State.Pid} ${State.StartedAt} ${RestartCount} ${JSON.stringify(HostConfig.RestartPolicy)} ${HostConfig.CpuQuota}`,
  )
}
