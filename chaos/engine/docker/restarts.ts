/**
 * Nodes that the engine starts again when they die. Where the label `blackstart.restart` says so, a fault takes that
 * policy away for as long as it lasts, and whatever starts the node again gives it back: by the label alone, so also
 * after this process has died.
 */
import type Docker from 'dockerode'
import { within } from '../../wait.ts'
import type { Container } from '../engine.ts'
import type { Daemon } from './daemon.ts'

const limitMs = 5_000
const label = 'blackstart.restart'

/** Whether a fault can hold this node down. */
export function canBeHeldDown({ labels }: Pick<Container, 'labels'>): boolean {
  return labels[label] !== undefined
}

/** Takes the policies of these nodes away, of those that have the label. */
export async function holdDown(daemon: Daemon, world: string, services: readonly string[]): Promise<void> {
  const named = (await daemon.containers(world)).filter((container) => services.includes(container.service))
  await Promise.all(named.filter(canBeHeldDown).map((container) => give(daemon, container, { Name: 'no' })))
}

/** Gives the policies of these nodes back. */
export async function letUp(daemon: Daemon, containers: readonly Container[]): Promise<void> {
  await Promise.all(
    containers.filter(canBeHeldDown).map(async (container) => {
      const { HostConfig } = await daemon.docker.getContainer(container.id).inspect()
      const policy = policyIn(container.labels[label] ?? '')
      if (HostConfig.RestartPolicy?.Name !== policy.Name) await give(daemon, container, policy)
    }),
  )
}

/** "always", "on-failure:3". */
function policyIn(text: string): Docker.HostRestartPolicy {
  const [name = '', retries] = text.split(':')
  return { Name: name, ...(retries !== undefined && { MaximumRetryCount: Number(retries) }) }
}

async function give(
  { docker }: Pick<Daemon, 'docker'>,
  { id, service }: Container,
  policy: Docker.HostRestartPolicy,
): Promise<void> {
  await within(
    limitMs,
    `setting the restart policy of ${service}`,
    docker.getContainer(id).update({ RestartPolicy: policy }),
  )
}
