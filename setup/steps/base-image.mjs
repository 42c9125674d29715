import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { takeOfficial } from '../docker/official.mjs'
import { EnvironmentError } from '../errors.mjs'
import { debianMirror, installPackages } from '../host/apt.mjs'
import { must } from '../host/exec.mjs'
import { cannotInstall } from '../host/host.mjs'

/**
 * What every image of Blackstart is built on. It has a name of its own: an image that is built here must not pass for
 * Debian's in other projects.
 */
export const BASE_IMAGE = 'blackstart/debian:trixie-slim'
const OFFICIAL = 'debian:trixie-slim'
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg'

/**
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function baseImageStep(host) {
  return {
    name: 'base-image',
    async check() {
      const { code } = await host.exec('docker', ['image', 'inspect', BASE_IMAGE, '--format', '{{.Id}}'], {
        limitMs: 10_000,
      })
      if (code === 0) return undefined
      return {
        found: `the image ${BASE_IMAGE} is not on this engine`,
        remedy: `docker pull ${OFFICIAL} && docker tag ${OFFICIAL} ${BASE_IMAGE}`,
        fix: { title: `getting the image ${BASE_IMAGE}`, run: getBase },
      }
    },
  }

  /** @param {import('../host/progress.mjs').Task} task */
  async function getBase(task) {
    const taken = await takeOfficial(host, { official: OFFICIAL, as: BASE_IMAGE }, task)
    if (taken.ok) return
    // Older checkouts built the same image here, under Debian's name.
    if ((await host.exec('docker', ['tag', OFFICIAL, BASE_IMAGE], { limitMs: 20_000 })).code === 0) return
    const why = taken.why === 'full' ? 'the disk is full' : cannotInstall(host)
    if (why !== undefined)
      throw new EnvironmentError(
        `${OFFICIAL} cannot be pulled (${taken.said}), nor built from Debian packages: ${why}`,
        taken.why === 'full'
          ? 'free at least 4 GiB, e.g. docker builder prune'
          : `reach a registry, or bring the image: docker load < image.tar`,
      )
    task.line(`no registry has ${OFFICIAL} (${taken.said}): building it from Debian packages with mmdebstrap`)
    await bootstrap(task)
  }

  /** @param {import('../host/progress.mjs').Task} task */
  async function bootstrap(task) {
    const needed = [
      host.which('mmdebstrap') === undefined && 'mmdebstrap',
      !host.exists(KEYRING) && 'debian-archive-keyring',
    ].filter((name) => name !== false)
    if (needed.length > 0) {
      task.line(`installing ${needed.join(', ')}: changes this machine`)
      await installPackages(host, needed, task)
    }
    const folder = host.kept
    mkdirSync(folder, { recursive: true })
    // A file between the two, not a pipe: import accepts the half of an archive as a whole image.
    const archive = join(folder, 'base-image.tar')
    try {
      await must(host, 'mmdebstrap', [...BOOTSTRAP, 'trixie', archive, debianMirror(host)], {
        limitMs: 10 * 60_000,
        task,
        env: { LC_ALL: 'C' },
      })
      const labels = ['--change', 'CMD ["bash"]', '--change', 'LABEL blackstart.image=base']
      await must(host, 'docker', ['import', ...labels, archive, BASE_IMAGE], { limitMs: 5 * 60_000, task })
    } finally {
      rmSync(archive, { force: true })
    }
  }
}

// The same exclusions as in the official slim image; they hold for packages installed on top of it, too.
const UNREAD = [
  '/usr/share/doc/*',
  '/usr/share/man/*',
  '/usr/share/info/*',
  '/usr/share/locale/*',
  '/usr/share/lintian/*',
]
const BOOTSTRAP = [
  '--variant=minbase',
  '--include=ca-certificates,curl',
  `--keyring=${KEYRING}`,
  ...UNREAD.map((path) => `--dpkgopt=path-exclude=${path}`),
  '--dpkgopt=path-include=/usr/share/doc/*/copyright',
]
