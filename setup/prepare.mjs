import { join } from 'node:path'
import { EnvironmentError } from './errors.mjs'
import { lock } from './host/lock.mjs'
import { ensure } from './step.mjs'
import { baseImageStep } from './steps/base-image.mjs'
import { builderStep } from './steps/builder.mjs'
import { chromiumStep } from './steps/chromium.mjs'
import { composeStep } from './steps/compose.mjs'
import { engineStep } from './steps/engine.mjs'
import { imageSteps } from './steps/images.mjs'
import { modulesStep } from './steps/modules.mjs'
import { nodeStep } from './steps/node.mjs'
import { passwordsStep } from './steps/passwords.mjs'
import { readableStep } from './steps/readable.mjs'
import { roomStep } from './steps/room.mjs'
import { sharedStep } from './steps/shared.mjs'
import { stackImagesStep } from './steps/stack-images.mjs'
import { writableStep } from './steps/writable.mjs'

/**
 * Makes this machine ready for what is needed, and does nothing that a check did not find missing. Steps that do not
 * wait for each other run side by side; the first failure stops the others.
 * @param {import('./host/host.mjs').Host} host
 * @param {import('./needs.mjs').Need} need
 * @param {{ show: import('./host/progress.mjs').Show, stop: AbortController }} options
 * @throws {import('./errors.mjs').EnvironmentError} when something is missing that set-up cannot or may not repair
 */
export async function prepare(host, need, { show, stop }) {
  /** @type {Promise<() => void> | undefined} */
  let taking
  const claim = async () => {
    taking ??= lock(join(host.kept, 'setup.lock'), show)
    await taking
  }
  const runner = { show, claim, stop: stop.signal, logs: join(host.kept, 'logs') }
  /** @param {import('./step.mjs').Step} step */
  const make = (step) => ensure(runner, step)

  try {
    await together(stop, [
      async () => {
        await make(nodeStep(host))
        await make(modulesStep(host))
      },
      async () => {
        if (need === 'browser' || need === 'stacks') await make(chromiumStep(host))
        if (need === 'modules' || need === 'browser') return
        await make(writableStep(host))
        if (need === 'engine') return mustBe(await engineStep(host).check())
        await make(engineStep(host))
        await makeImages(host, make, { need, stop })
        if (need === 'stacks') await makeStackImages(host, make)
      },
    ])
  } finally {
    const release = await taking?.catch(() => undefined)
    release?.()
  }
}

/**
 * Without an engine there is no world to look at, to break or to remove: nothing is installed or started for that.
 * @param {import('./step.mjs').Missing | undefined} missing
 */
function mustBe(missing) {
  if (missing !== undefined) throw new EnvironmentError(missing.found, missing.remedy)
}

/**
 * @param {import('./host/host.mjs').Host} host
 * @param {(step: import('./step.mjs').Step) => Promise<void>} make
 * @param {{ need: import('./needs.mjs').Need, stop: AbortController }} options
 */
async function makeImages(host, make, { need, stop }) {
  await make(composeStep(host))
  // A world of the user's has passwords of its own, and its `.env` is none of ours.
  if (need !== 'own-world') await make(passwordsStep(host))
  await make(readableStep(host))
  const images = imageSteps(host, need)
  const building = await images.anyMissing()
  await make(roomStep(host, { building }))
  if (building) await build(host, make, stop, images)
  await make(sharedStep(host))
}

/**
 * @param {import('./host/host.mjs').Host} host
 * @param {(step: import('./step.mjs').Step) => Promise<void>} make
 * @param {AbortController} stop
 * @param {ReturnType<typeof imageSteps>} images
 */
async function build(host, make, stop, images) {
  await make(builderStep(host))
  await make(baseImageStep(host))
  // The tools take longest, so nothing waits for them but what is built upon them.
  await together(stop, [() => make(images.tools), () => make(images.own)])
  await make(images.upon)
}

/**
 * They start from the images of the world.
 * @param {import('./host/host.mjs').Host} host
 * @param {(step: import('./step.mjs').Step) => Promise<void>} make
 */
async function makeStackImages(host, make) {
  const step = stackImagesStep(host)
  if ((await step.check()) === undefined) return
  await make(builderStep(host))
  await make(step)
}

/**
 * Waits for all, also when one fails: what it started must have ended before the command does.
 * @param {AbortController} stop
 * @param {(() => Promise<void>)[]} work
 */
async function together(stop, work) {
  /** @type {unknown[]} */
  const errors = []
  const parts = work.map((part) =>
    part().catch((error) => {
      errors.push(error)
      stop.abort()
    }),
  )
  await Promise.all(parts)
  // Those after the first were most likely caused by stopping.
  if (errors.length > 0) throw errors[0]
}
