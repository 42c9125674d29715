/** up and down: worlds by hand. */

import { plainly } from '../report/format.ts'
import { urlOf } from '../stack/http.ts'
import { endpointOf, nodesOf, type Topology } from '../topology/topology.ts'
import { isInterruption, untilInterrupted } from './interrupt.ts'
import { readyEngine } from './machine.ts'
import { data, jsonData, say } from './output.ts'
import { bringUp, takeDown } from './trials.ts'

export async function bringWorldUp(world: string, files: string[] | undefined, asJson: boolean): Promise<number> {
  const engine = await readyEngine('world')
  const signal = untilInterrupted({
    doing: 'stopping',
    left: () => `Part of the world ${world} may be up: "npx blackstart down --world ${world}" removes it`,
  })
  try {
    await bringUp(engine, world, { files, signal })
  } catch (error) {
    if (signal.aborted)
      say(
        `part of the world ${world} may be up: "npx blackstart up" goes on from there, "npx blackstart down" removes it`,
      )
    throw error
  }
  const topology = await engine.topology(world)
  if (asJson) jsonData(topology, 2)
  else data(addresses(topology))
  return 0
}

/** Where to connect, as lines. */
export function addresses(given: Topology): string {
  const topology = plainly(given)
  const entry = topology.nodes.find((node) => node.attributes['router.entry'])
  const lines = [
    ...(entry?.ports['http'] ? [`  clients enter at  ${urlOf(entry, 'http', '')}`] : []),
    ...nodesOf(topology, 'database')
      .filter((node) => node.ports['sql'])
      .map((node) => ({ node, ...endpointOf(node, 'sql') }))
      .map(
        ({ node, host, port }) =>
          `  ${node.name.padEnd(16)}  psql -h ${host} -p ${port} -U ${forShell(node.attributes['database.user'])} ${forShell(node.attributes['database.name'])}`,
      ),
  ]
  const passwords = new Set(topology.nodes.flatMap((node) => node.attributes['database.password'] ?? []))
  if (passwords.size > 0) lines.push(`  passwords         .env, ${[...passwords].join(', ')} for these`)
  return [
    ...lines,
    `  npx blackstart run region-kill${topology.world === 'blackstart' ? '' : ` --world ${topology.world}`}`,
  ].join('\n')
}

/** A label's value in a line that is there to be copied into a shell. */
function forShell(value = ''): string {
  return /^[\w.-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
}

export async function takeWorldDown(world: string): Promise<number> {
  const engine = await readyEngine('engine')
  if (!(await engine.worlds()).has(world)) say(`there is no world ${world}; removing what else carries its label`)
  const left = `Part of the world ${world} is still there: "npx blackstart down --world ${world}" removes the rest`
  const signal = untilInterrupted({ doing: 'stopping after what is being removed', left: () => left })
  try {
    await takeDown(engine, world, signal)
  } catch (error) {
    if (isInterruption(error)) say(left)
    throw error
  }
  return 0
}
