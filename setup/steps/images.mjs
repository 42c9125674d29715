import { composeEnvironment } from '../compose-env.mjs'
import { readComposeFiles } from '../docker/compose-files.mjs'
import { buildFile, compareWithEngine, inWaves, OF_ANY_WORLD, onlyFor, planOf } from '../docker/images.mjs'
import { takeOfficial } from '../docker/official.mjs'
import { must } from '../host/exec.mjs'
import { setUpCommand } from '../needs.mjs'

const BUILD_LIMIT_MS = 40 * 60_000

/**
 * Three steps that share one reading of the Compose files. `tools` are programs of others, such as Toxiproxy; building them
 * from source takes longest, so it runs beside `own`. `upon` are our images that are based on a tool or on another of
 * ours.
 * @param {import('../host/host.mjs').Host} host
 * @param {import('../needs.mjs').Need} need
 * @returns {Record<'tools' | 'own' | 'upon', import('../step.mjs').Step> & { anyMissing: () => Promise<boolean> }}
 */
export function imageSteps(host, need) {
  /** @type {Promise<import('../docker/images.mjs').Plan> | undefined} */
  let reading
  const plan = () =>
    (reading ??= readComposeFiles(host)
      .then(planOf)
      .then((all) => (need === 'own-world' ? onlyFor(all, OF_ANY_WORLD) : all)))
  return {
    async anyMissing() {
      const { absent, outdated } = await compareWithEngine(host, (await plan()).images)
      return absent.length + outdated.length > 0
    },
    tools: step('tool-images', isTool),
    own: step('images', (image) => !isTool(image) && !image.needsTools),
    upon: step('images-upon-tools', (image) => !isTool(image) && image.needsTools),
  }

  /**
   * @param {string} name @param {(image: import('../docker/images.mjs').WantedImage) => boolean} belongs @returns
   * {import('../step.mjs').Step}
   */
  function step(name, belongs) {
    return {
      name,
      async check() {
        const { images, secrets } = await plan()
        const { absent, outdated } = await compareWithEngine(host, images.filter(belongs))
        const needed = [...absent, ...outdated]
        if (needed.length === 0) return undefined
        const names = needed.map((image) => image.ref).join(', ')
        const counts = [
          absent.length > 0 && `${absent.length} absent`,
          outdated.length > 0 && `${outdated.length} built from older sources`,
        ]
        const work = { images: needed, secrets }
        return {
          found: `images are not ready (${counts.filter(Boolean).join(', ')}): ${names}`,
          remedy: `${setUpCommand(host)} builds them`,
          fix: !needed.some(isTool)
            ? { title: `building ${count(needed.length, 'image')} (${names})`, run: (task) => build(host, work, task) }
            : {
                title: `getting ${count(needed.length, 'tool')} (${names}; where no registry answers they are built from source, which takes some minutes)`,
                run: (task) => takeOrBuild(host, work, task),
              },
        }
      },
    }
  }
}

/**
 * @param {import('../host/host.mjs').Host} host
 * @param {import('../docker/images.mjs').Plan} plan
 * @param {import('../host/progress.mjs').Task} task
 */
async function takeOrBuild(host, plan, task) {
  const taken = await Promise.all(
    plan.images.map(async ({ ref, official = '' }) => {
      const { ok, said } = await takeOfficial(host, { official, as: ref }, task)
      if (!ok) task.line(`${official} cannot be pulled (${said}): building ${ref} from source`)
      return ok
    }),
  )
  await build(host, { ...plan, images: plan.images.filter((_, index) => !taken[index]) }, task)
}

/**
 * @param {import('../host/host.mjs').Host} host
 * @param {import('../docker/images.mjs').Plan} plan
 * @param {import('../host/progress.mjs').Task} task
 */
export async function build(host, plan, task) {
  for (const images of inWaves(plan.images)) {
    const args = ['compose', '-f', '-', '--project-directory', host.root, 'build']
    // Plain lines instead of a redrawn screen. The engine's own builder is named because the user may have chosen another
    // one (docker buildx use): one that runs in a container, or elsewhere, neither sees the engine's images nor adds to
    // them.
    const env = { ...composeEnvironment(host.env, [host.root]), BUILDKIT_PROGRESS: 'plain', BUILDX_BUILDER: 'default' }
    await must(host, 'docker', args, { limitMs: BUILD_LIMIT_MS, task, env, input: buildFile({ ...plan, images }) })
  }
}

/** @param {import('../docker/images.mjs').WantedImage} image */
function isTool(image) {
  return image.official !== undefined
}

/** @param {number} n @param {string} noun */
function count(n, noun) {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}
