/**
 * Another Docker engine beside this machine's own: from a Debian release, in a mount namespace whose root is a small
 * tree of that release, and in a network namespace of its own, so that two engines do not want the same bridge, rules
 * and ports. It ends with this process, however that ends.
 *
 *   host ── docker.sock ──► dockerd, containerd, its containers and their published ports: all in the guest's network
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs'
import { join } from 'node:path'
import { packageRoot } from '../../chaos/roots.ts'
import { waitUntil } from '../../chaos/wait.ts'
import { debianMirror, installPackages } from '../../setup/host/apt.mjs'
import { must } from '../../setup/host/exec.mjs'
import { cannotInstall, type Host } from '../../setup/host/host.mjs'
import type { Task } from '../../setup/host/progress.mjs'

/** Debian's name for a release, and where its files go. */
export interface Release {
  suite: string
  folder: string
}

/** Why no other engine can run beside this machine's own; undefined when it can. */
export function cannotGuest(host: Host): string | undefined {
  return (
    cannotInstall(host) ??
    (existsSync('/run/docker.sock') || existsSync('/var/run/docker.sock')
      ? undefined
      : 'the images come from an engine at /var/run/docker.sock, and there is none')
  )
}

export interface Guest extends AsyncDisposable {
  /** As `docker version` has it. */
  version: string
  compose: string
  /**
   * What a command needs to speak to it: added to the environment, and put before the command, for published ports are
   * in its network.
   */
  env: Record<string, string>
  enter: string[]
}

const startLimitMs = 60_000
const pluginsFolder = 'usr/libexec/docker/cli-plugins'

/** Fetches a release's engine, with its tools and its Compose, into a tree; does nothing where that is there. */
export async function fetchTree(host: Host, { suite, folder }: Release, task: Task): Promise<string> {
  const tree = join(folder, 'tree')
  if (existsSync(join(tree, 'usr/sbin/dockerd'))) return tree
  if (host.which('mmdebstrap') === undefined) {
    task.line('installing mmdebstrap: changes this machine')
    await installPackages(host, ['mmdebstrap'], task)
  }
  const partial = `${tree}.partial`
  rmSync(partial, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  const packages = 'docker.io,docker-compose,iptables,nftables,iproute2,ca-certificates,procps'
  // A release that is still made carries a date until when it is to be believed; a mirror may lag behind that.
  const args = [
    '--quiet',
    '--variant=minbase',
    '--aptopt=Acquire::Check-Valid-Until "false"',
    `--include=${packages}`,
    suite,
    partial,
    debianMirror(host),
  ]
  await must(host, 'mmdebstrap', args, { limitMs: 10 * 60_000, task, env: { LC_ALL: 'C' } })
  renameSync(partial, tree)
  return tree
}

/**
 * Starts the engine of a tree and waits until it answers. Disposing ends it, with all that ran in it, and removes its
 * images.
 * @throws Error with its last words when it does not answer
 */
export async function startGuest(release: Release, tree: string): Promise<Guest> {
  const data = join(release.folder, 'data')
  rmSync(data, { recursive: true, force: true })
  mkdirSync(data, { recursive: true })
  const run = mkdtempSync('/run/blackstart-engine-')
  const log = join(release.folder, 'dockerd.log')
  const socket = join(run, 'docker.sock')
  const output = openSync(log, 'w')
  // Told to end when this process does. `unshare` and the shell become dockerd itself, so its process id is known from
  // here.
  const child = spawn(
    'setpriv',
    [
      '--pdeathsig',
      'TERM',
      'unshare',
      '--mount',
      '--net',
      'bash',
      '-euc',
      beginning,
      'guest',
      tree,
      data,
      run,
      packageRoot,
    ],
    {
      stdio: ['ignore', output, output],
      detached: true,
    },
  )
  closeSync(output)
  const ended = once(child, 'exit')
  const dispose = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM')
    await ended
    rmSync(run, { recursive: true, force: true })
    rmSync(data, { recursive: true, force: true })
  }
  const env = { DOCKER_HOST: `unix://${socket}`, DOCKER_CONFIG: clientConfig(tree, run) }
  try {
    return {
      ...(await waitUntil(
        async () => {
          if (child.exitCode !== null || child.signalCode !== null)
            throw new Error(`the engine of ${release.suite} ended: ${lastWords(log)}`)
          const version = await docker(env, ['version', '--format', '{{.Server.Version}}'])
          return version
            ? { done: true, value: { version, compose: await docker(env, ['compose', 'version', '--short']) } }
            : { done: false, seen: 'no answer on its socket' }
        },
        { until: `the engine of ${release.suite} answers`, limitMs: startLimitMs, everyMs: 250 },
      )),
      env,
      enter: ['nsenter', `--net=/proc/${child.pid}/ns/net`, '--'],
      [Symbol.asyncDispose]: dispose,
    }
  } catch (error) {
    await dispose()
    throw error instanceof Error ? new Error(`${error.message}\n${lastWords(log)}`, { cause: error }) : error
  }
}

/**
 * What the namespaces begin with, in bash; $1 the tree, $2 its images, $3 its socket's folder, $4 the checkout, of
 * which containers mount files. Without a root that is a mount point the engine cannot unpack images. Of /run it gets
 * its own folder alone: at the usual place it would take this machine's containerd for its own.
 */
const beginning = `
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mkdir -p var/lib/docker old ".$4"
for place in proc sys dev; do mount --rbind "/$place" "$place"; done
mount -t tmpfs tmpfs run
mkdir -p ".$3"
mount --bind "$3" ".$3"
mount --bind "$2" var/lib/docker
mount --bind "$4" ".$4"
pivot_root . old
umount -l /old
PATH=/usr/sbin:/usr/bin
ip link set lo up
exec dockerd --host "unix://$3/docker.sock" --exec-root "$3/exec" --pidfile "$3/dockerd.pid"`

/** A client's settings, with the tree's Compose: it is one static program. The client itself is this machine's. */
function clientConfig(tree: string, run: string): string {
  const plugins = join(run, 'client', 'cli-plugins')
  mkdirSync(plugins, { recursive: true })
  copyFileSync(join(tree, pluginsFolder, 'docker-compose'), join(plugins, 'docker-compose'))
  chmodSync(join(plugins, 'docker-compose'), 0o755)
  return join(run, 'client')
}

/** What the client said; empty when it failed. */
export async function docker(env: Record<string, string>, args: string[]): Promise<string> {
  const child = spawn('docker', args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'ignore'] })
  let said = ''
  child.stdout.on('data', (chunk) => (said += String(chunk)))
  const [code] = (await once(child, 'close')) as [number | null]
  return code === 0 ? said.trim() : ''
}

function lastWords(log: string): string {
  return readFileSync(log, 'utf8').trim().split('\n').slice(-5).join('\n')
}
