import { imagesUsed, inputsHash } from './inputs.mjs'

/** What a world needs whose nodes are the user's: beacons, links, the load, and what acts on nodes from outside. */
export const OF_ANY_WORLD = ['blackstart/services', 'blackstart/link', 'blackstart/k6', 'blackstart/helper']
/** The label by which an image tells what it was built from. */
export const INPUTS_LABEL = 'blackstart.inputs'

/**
 * @typedef {object} WantedImage
 * @property {string} ref
 * @property {string} service a Compose service that builds it
 * @property {string | undefined} official the official image that can take its place; undefined for what
 * is built from our own sources alone
 * @property {string} hash of all that goes into it
 * @property {import('./inputs.mjs').Build & Record<string, unknown>} build as Compose resolved it
 * @property {string[]} basedOn refs of other wanted images, which must be there first
 * @property {boolean} needsTools whether a tool is among those
 *
 * @typedef {{ images: WantedImage[], secrets: Record<string, unknown> }} Plan
 */

/**
 * Which images are needed, and what goes into each.
 * @param {import('./compose-files.mjs').ComposeConfig[]} configs
 * @returns {Plan}
 */
export function planOf(configs) {
  /** @type {Map<string, WantedImage>} */
  const images = new Map()
  for (const config of configs)
    for (const [service, { image, build }] of Object.entries(config.services ?? {})) {
      const ref = image ?? `${config.name}-${service}`
      if (build === undefined || images.has(ref)) continue
      images.set(ref, {
        ref,
        service,
        official: officialOf(build),
        hash: inputsHash(build),
        build,
        basedOn: imagesUsed(build),
        needsTools: false,
      })
    }
  for (const image of images.values())
    image.basedOn = image.basedOn.filter((ref) => images.has(ref) && ref !== image.ref)
  for (const image of inWaves([...images.values()]).flat())
    image.needsTools = image.basedOn.some(
      (ref) => images.get(ref)?.official !== undefined || images.get(ref)?.needsTools,
    )
  return { images: [...images.values()], secrets: Object.assign({}, ...configs.map((config) => config.secrets ?? {})) }
}

/**
 * The images with these names, and those that they are based on.
 * @param {Plan} plan
 * @param {readonly string[]} names without tags
 * @returns {Plan}
 */
export function onlyFor(plan, names) {
  const wanted = new Set(plan.images.filter(({ ref }) => names.includes(ref.replace(/:[^/]*$/, ''))))
  // A set is walked to its end, whatever joins it on the way.
  for (const { basedOn } of wanted) for (const image of plan.images) if (basedOn.includes(image.ref)) wanted.add(image)
  return { ...plan, images: plan.images.filter((image) => wanted.has(image)) }
}

/**
 * Asks the engine, in one call, which of the images are missing or were built from other sources than today's.
 * @param {import('../host/host.mjs').Host} host
 * @param {WantedImage[]} images
 * @returns {Promise<{ absent: WantedImage[], outdated: WantedImage[] }>}
 */
export async function compareWithEngine(host, images) {
  if (images.length === 0) return { absent: [], outdated: [] }
  // It exits with 1 when one image is absent, and still prints the others.
  const { stdout } = await host.exec('docker', ['image', 'inspect', ...images.map((image) => image.ref)], {
    limitMs: 20_000,
  })
  const labels = labelsByRef(stdout)
  return {
    absent: images.filter((image) => !labels.has(fullName(image.ref))),
    outdated: images.filter((image) => {
      const built = labels.get(fullName(image.ref))?.[INPUTS_LABEL]
      // An official image bears no label: its tag is what pins it.
      return (
        labels.has(fullName(image.ref)) && built !== image.hash && (image.official === undefined || built !== undefined)
      )
    }),
  }
}

/**
 * Puts images in an order in which each comes after those it starts from.
 * @param {WantedImage[]} images
 * @returns {WantedImage[][]} waves; those of one wave can be built side by side
 */
export function inWaves(images) {
  /** @type {WantedImage[][]} */
  const waves = []
  let left = images
  while (left.length > 0) {
    const wave = left.filter((image) => !left.some((other) => image.basedOn.includes(other.ref)))
    if (wave.length === 0)
      throw new Error(`these images start from each other: ${left.map((image) => image.ref).join(', ')}`)
    waves.push(wave)
    left = left.filter((image) => !wave.includes(image))
  }
  return waves
}

/**
 * A Compose file that builds these images and nothing else, each labelled with what it was built from.
 * @param {Plan} plan
 * @returns {string} JSON, which is YAML too
 */
export function buildFile({ images, secrets }) {
  const services = images.map(({ service, ref, build, hash }) => {
    const labels = { ...Object(build['labels']), [INPUTS_LABEL]: hash }
    return [service, { image: ref, build: { ...build, labels } }]
  })
  return JSON.stringify({ name: 'blackstart-build', services: Object.fromEntries(services), secrets })
}

/** @param {Record<string, unknown>} build @returns {string | undefined} */
function officialOf(build) {
  return Object(build['labels'])['blackstart.instead-of']
}

/** @param {string} inspectJson @returns {Map<string, Record<string, string>>} */
function labelsByRef(inspectJson) {
  const found = inspectJson.trim() === '' ? [] : JSON.parse(inspectJson)
  /** @type {Map<string, Record<string, string>>} */
  const labels = new Map()
  for (const image of found)
    for (const tag of image.RepoTags ?? []) labels.set(fullName(tag), image.Config?.Labels ?? {})
  return labels
}

/**
 * @param {string} ref @returns {string} one spelling for one image: engines differ in how much of a name they repeat
 */
function fullName(ref) {
  const short = ref.replace(/^docker\.io\/(library\/)?/, '')
  return /:[^/]*$/.test(short) ? short : `${short}:latest`
}
