/** The topology that a Compose file will make: of a world that need not run. */
import { topologyFromLabels } from './labels.ts'
import { loopback, type Topology } from './topology.ts'

interface PlannedService {
  labels?: Record<string, unknown> | null | undefined
}

/**
 * By the labels of its services, as `docker compose config` renders them. A port counts as published, at its own
 * number: nobody can connect to a plan.
 * @throws UsageError naming the first label that cannot be understood
 */
export function plannedTopology(world: string, services: Record<string, PlannedService>): Topology {
  const containers = Object.entries(services).map(([service, { labels }]) => {
    const read = Object.fromEntries(
      // A doubled "$" is Compose's way to write one.
      Object.entries(labels ?? {}).map(([key, value]) => [key, String(value).replaceAll('$$', () => '$')]),
    )
    const ports = Object.entries(read).flatMap(([key, value]) => (key.startsWith('blackstart.port.') ? [value] : []))
    return {
      service,
      labels: read,
      endpoints: Object.fromEntries(ports.map((port) => [port, { host: loopback, port: Number(port) }])),
    }
  })
  return topologyFromLabels(
    world,
    // Of the world, but no node: see `isNode` in chaos/engine/engine.ts.
    containers.filter(({ labels }) => labels['blackstart.role'] !== 'host'),
  )
}
