/** Netfilter rules that cut a node off from everybody but the engine's gateways, and count what they drop. */
import type Docker from 'dockerode'
import { CannotRun, type Isolation } from '../engine.ts'
import { countersIn } from './counters.ts'
import { dropAll } from './cut-all.ts'
import type { Daemon } from './daemon.ts'

/** Discard (RFC 863): nobody answers there, and nothing happens by it. */
const discardPort = 9
const datagrams = 3

/**
 * The address of one other container of the world in each network of a node.
 * @throws CannotRun where it has no network of its own, or is alone there: rules would cut off somebody else, or nobody
 */
export async function neighboursOf(
  { docker }: Daemon,
  node: string,
  { HostConfig: { NetworkMode = '' }, NetworkSettings }: Docker.ContainerInspectInfo,
  others: readonly string[],
): Promise<string[]> {
  if (NetworkMode === 'host' || NetworkMode.startsWith('container:'))
    throw new CannotRun(
      `${node} shares the network of ${NetworkMode === 'host' ? "the engine's machine" : 'another container'} (network_mode), which would be cut off with it`,
    )
  const ids = Object.values(NetworkSettings.Networks).map(({ NetworkID }) => NetworkID)
  const networks = await Promise.all(ids.map((id) => docker.getNetwork(id).inspect()))
  const neighbours = networks.flatMap(({ Containers = {} }) =>
    others.flatMap((other) => Containers[other]?.IPv4Address?.replace(/\/\d+$/, '') || []).slice(0, 1),
  )
  if (neighbours.length === 0)
    throw new CannotRun(
      `${node} has no other container of its world in its networks, so there is nobody to isolate it from`,
    )
  return neighbours
}

/**
 * The command that sends a few datagrams to a node's neighbours from its own network namespace. The kernel refuses them
 * at once where rules drop them, which is no failure here: the counters tell.
 */
export function sendTo(neighbours: readonly string[]): string {
  const addresses = neighbours.flatMap((address) => Array.from({ length: datagrams }, () => address))
  return `bash -c 'for a in ${addresses.join(' ')}; do (echo > /dev/udp/$a/${discardPort}) 2>/dev/null; done; true'`
}

export function isolate(table: string, gateways: string[]): string {
  return dropAll(table, gateways, { arriving: 'arrived', leaving: 'left' })
}

/** What the counters of such a table say. @throws where one is missing */
export function isolationIn(listed: string): Isolation {
  const counts = countersIn(listed)
  const [arrived, left] = [counts.get('arrived'), counts.get('left')]
  if (arrived === undefined || left === undefined) throw new Error(`nothing was counted: ${listed}`)
  return { arrived, left }
}
