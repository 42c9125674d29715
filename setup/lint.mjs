import { join } from 'node:path'
import { runOnNode24 } from './program.mjs'
import { nodeFor } from './steps/node.mjs'

/**
 * Checks form and style of all sources, as `npm run lint` does.
 * @param {import('./host/host.mjs').Host} host
 * @returns {Promise<number>} the exit status; 0 also where the linter, which is a binary, does not run on this machine.
 * A message says so then
 */
export async function lint(host) {
  const biome = join(host.root, 'node_modules/@biomejs/biome/bin/biome')
  const tried = await host.exec(nodeFor(host).node, [biome, '--version'], { limitMs: 60_000 })
  if (tried.code === 0) return runOnNode24(host, [biome, 'check', '--error-on-warnings', '--log-level=warn', '.'])
  console.log(
    `the sources were not linted: Biome does not run on this machine (${host.platform} ${host.arch}); "npm run lint" shows why`,
  )
  return 0
}
