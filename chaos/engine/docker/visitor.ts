/** Runs a container for the time of a trial (k6, helpers), with its input and output attached. */
import { PassThrough } from 'node:stream'
import { EnvironmentError, messageOf } from '../../errors.ts'
import { loopback } from '../../topology/topology.ts'
import type { Visitor, VisitorSpec } from '../engine.ts'
import type { Daemon } from './daemon.ts'

export async function visit(
  { docker }: Pick<Daemon, 'docker'>,
  { world, name, image, labels, command, environment, network }: VisitorSpec,
): Promise<Visitor> {
  const container = await docker
    .createContainer({
      Image: image,
      name,
      Labels: { ...labels, 'blackstart.world': world },
      Cmd: command,
      Env: Object.entries(environment).map(([key, value]) => `${key}=${value}`),
      OpenStdin: true,
      StdinOnce: true,
      AttachStdin: true,
      AttachStdout: true,
      AttachStderr: true,
      HostConfig: {
        NetworkMode: network,
        // No log: it would be a second copy of what the reader keeps, and could fill the disk.
        LogConfig: { Type: 'none', Config: {} },
        // The engine's own resolver answers for the world's names; names outside are not to be looked up.
        Dns: [loopback],
      },
    })
    .catch((error: unknown) => {
      throw new EnvironmentError(`cannot create the container ${name} from ${image}: ${messageOf(error)}`, {
        cause: error,
      })
    })
  const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true })
  const output = new PassThrough()
  docker.modem.demuxStream(stream, output, output)
  stream.on('end', () => output.end())
  stream.on('error', () => output.end())
  return {
    output,
    async start(input) {
      await container.start()
      stream.write(input)
      stream.end()
    },
    async ended() {
      return container.wait().then(
        ({ StatusCode }: { StatusCode: number }) => StatusCode,
        () => null,
      )
    },
    async signal(signal) {
      await container.kill({ signal })
    },
    async remove() {
      await container.remove({ force: true, v: true })
    },
  }
}
