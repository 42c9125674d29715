/**
 * How much of this machine a command needs:
 * `modules` Node and the npm packages · `engine` and a Docker engine that answers · `world` and Compose and every image.
 * @typedef {'modules' | 'engine' | 'world'} Need
 */

/** Verbs that bring containers up. All others work on what is there, or on files alone. */
const WORLD = new Set(['demo', 'run', 'replay', 'up'])
/** Verbs that look at, break, mend or remove a world that is up. */
const ENGINE = new Set(['down', 'status', 'fault', 'heal'])

/**
 * @param {string[]} args the command line after the program's name
 * @returns {Need} an unknown verb needs no more than the program that says so
 */
export function needOf(args) {
  if (args.includes('--help') || args.includes('-h')) return 'modules'
  const verb = args.find((arg) => !arg.startsWith('-')) ?? ''
  if (WORLD.has(verb)) return 'world'
  return ENGINE.has(verb) ? 'engine' : 'modules'
}

/** Folders of tests that start no container. */
const WITHOUT_DOCKER = ['tests/unit', 'tests/journals']
/** Options of Vitest whose value may be the next word. */
const WITH_VALUE = new Set(['-t', '--testNamePattern', '--reporter', '--project', '--testTimeout', '--retry', '--shard', '--bail', '--exclude'])

/**
 * @param {string[]} args what follows `npm test --`
 * @returns {Need} `modules` when every path named lies where no test starts a container
 */
export function needOfTests(args) {
  const paths = args.filter((arg, index) => !arg.startsWith('-') && !WITH_VALUE.has(args[index - 1] ?? ''))
  const free = paths.length > 0 && paths.every((path) => WITHOUT_DOCKER.some((folder) => isInside(path.replace(/^\.\//, ''), folder)))
  return free ? 'modules' : 'world'
}

/** @param {string} path @param {string} folder */
function isInside(path, folder) {
  return path === folder || path.startsWith(`${folder}/`)
}
