/**
 * How much of this machine a command needs:
 * `modules` Node and the npm packages · `engine` and a Docker engine that answers, which is only looked for, never
 * installed or started · `own-world` and an engine, Compose, and the images between the nodes of any world, which are
 * installed, started and built where they are missing: the nodes' own are the user's · `world` and every image of the
 * reference world, and its passwords · `stacks` and the images of stacks/, and Chromium · `browser` Node, the npm
 * packages and Chromium.
 * @typedef {'modules' | 'browser' | 'engine' | 'own-world' | 'world' | 'stacks'} Need
 */

/**
 * The command that makes everything that is missing.
 * @param {{ isInstalled: boolean }} host
 */
export function setUpCommand({ isInstalled }) {
  return isInstalled ? 'npx blackstart up' : 'npm run demo'
}

/** Folders of tests that start no container. */
const WITHOUT_DOCKER = ['tests/unit', 'tests/journals', 'tests/second-judge']
const BROWSER = 'tests/browser'
const STACKS = 'tests/stacks'
/** Options of Vitest whose value may be the next word. */
const WITH_VALUE = new Set([
  '-t',
  '--testNamePattern',
  '--reporter',
  '--project',
  '--testTimeout',
  '--retry',
  '--shard',
  '--bail',
  '--exclude',
])

/**
 * @param {string[]} args what follows `npm test --`
 * @returns {Need} `modules` when every path named lies where no test starts a container, `browser` when some of them are
 *   the page's, `stacks` when one may be a stack's; all tests take one stack
 */
export function needOfTests(args) {
  const paths = args
    .filter((arg, index) => !arg.startsWith('-') && !WITH_VALUE.has(args[index - 1] ?? ''))
    .map((path) => path.replace(/^\.\//, ''))
  const line = args.join(' ')
  const stacks = /--project[= ]stacks\b/.test(line) || paths.some((path) => isInside(path, STACKS))
  if (stacks || args.length === 0) return 'stacks'
  const allIn = (/** @type {string[]} */ folders) =>
    paths.length > 0 && paths.every((path) => folders.some((folder) => isInside(path, folder)))
  if (allIn(WITHOUT_DOCKER)) return 'modules'
  if (allIn([...WITHOUT_DOCKER, BROWSER]) || /^--project[= ]browser\b/.test(line)) return 'browser'
  // Both a world and a browser.
  return paths.some((path) => isInside(path, BROWSER)) ? 'stacks' : 'world'
}

/** @param {string} path @param {string} folder */
function isInside(path, folder) {
  return path === folder || path.startsWith(`${folder}/`)
}
