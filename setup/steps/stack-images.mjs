import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { readComposeFiles, resolveComposeFile } from '../docker/compose-files.mjs'
import { compareWithEngine, planOf } from '../docker/images.mjs'
import { build } from './images.mjs'

/**
 * The images of the systems in stacks/, which only their tests need.
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function stackImagesStep(host) {
  /** @type {Promise<import('../docker/images.mjs').Plan> | undefined} */
  let reading
  const plan = () => (reading ??= planOfStacks(host))
  return {
    name: 'stack-images',
    async check() {
      const { images, secrets } = await plan()
      const { absent, outdated } = await compareWithEngine(host, images)
      const needed = [...absent, ...outdated]
      if (needed.length === 0) return undefined
      const names = needed.map(({ ref }) => ref).join(', ')
      return {
        found: `images of the stacks are not ready: ${names}`,
        remedy: 'npm run test:stacks builds them',
        fix: {
          title: `building images of the stacks (${names})`,
          run: (task) => build(host, { images: needed, secrets }, task),
        },
      }
    },
  }
}

/**
 * The stacks' own files say nothing of certificates, which a build needs where a proxy inspects TLS: it gets those that
 * the world's images get.
 * @param {import('../host/host.mjs').Host} host
 * @returns {Promise<import('../docker/images.mjs').Plan>}
 */
async function planOfStacks(host) {
  const configs = await Promise.all(composeFiles(host).map((file) => resolveComposeFile(host, file)))
  const { secrets } = planOf(await readComposeFiles(host))
  // What others of these files use ready-made, such as the world's own images, is built already.
  const { images } = planOf(configs)
  const more = Object.keys(secrets).map((source) => ({ source }))
  return { secrets, images: images.map((image) => ({ ...image, build: { ...image.build, secrets: more } })) }
}

/** @param {import('../host/host.mjs').Host} host @returns {string[]} relative to the program's root */
function composeFiles({ root }) {
  return readdirSync(join(root, 'stacks'))
    .map((name) => join('stacks', name, 'compose.yml'))
    .filter((file) => existsSync(join(root, file)))
    .sort()
}
