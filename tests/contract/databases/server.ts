/** A database's container, as a node of a world. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'
import { packageRoot } from '../../../chaos/roots.ts'
import type { Node } from '../../../chaos/topology/topology.ts'
import { freePort } from '../harness/free-port.ts'

process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'
const run = promisify(execFile)

type Verb = 'kill' | 'start' | 'pause' | 'unpause'
/** What the engine does with a container; none of these removes it. */
export async function engineDoes(verb: Verb, container: StartedTestContainer): Promise<void> {
  await run('docker', [verb, container.getId()])
}

export interface Server extends AsyncDisposable {
  node: Node
  address: string
  /** Runs a script of the shell in it. */
  sh(script: string): Promise<string>
  engine(verb: Verb): Promise<void>
}

export async function startServer({
  name,
  image,
  script,
  port,
  purpose,
  ready,
  attributes,
}: {
  name: string
  image: string
  /** Of bash, which becomes the container's process. */
  script: string
  /** Its own. */
  port: number
  purpose: string
  /** A line that it says when it serves. */
  ready: RegExp
  attributes: Record<string, string>
}): Promise<Server> {
  // A fixed port: a container that is stopped and started gets another one otherwise.
  const published = await freePort()
  const container = await new GenericContainer(image)
    .withLabels({ 'blackstart.world': `contract-databases-${process.pid}` })
    .withEntrypoint(['bash', '-c'])
    .withCommand([script])
    .withExposedPorts({ container: port, host: published })
    .withWaitStrategy(Wait.forLogMessage(ready))
    .withStartupTimeout(60_000)
    .start()
  const address = container.getIpAddress('bridge')
  return {
    node: {
      name,
      role: 'database',
      site: name,
      ports: { [purpose]: published },
      attributes: { address, ...attributes },
    },
    address,
    async sh(text) {
      const { output, exitCode } = await container.exec(['bash', '-c', text])
      if (exitCode !== 0) throw new Error(`${text}: ${output}`)
      return output.trim()
    },
    engine: (verb) => engineDoes(verb, container),
    async [Symbol.asyncDispose]() {
      await container.stop({ timeout: 0 })
    },
  }
}

/** Images of other people's databases are needed by these tests alone, so that set-up does not build them. */
export async function imageOf(target: 'mariadb'): Promise<string> {
  const image = `blackstart/stack-${target}`
  const isThere = await run('docker', ['image', 'inspect', image]).then(
    () => true,
    () => false,
  )
  const options = ['--target', target, '--label', `blackstart.image=stack-${target}`, '-t', image]
  if (!isThere)
    await run('docker', ['build', '-q', '--network', 'host', ...options, join(packageRoot, 'stacks/images')])
  return image
}
