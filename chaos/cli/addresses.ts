/** Where a world is reached: by clients, and by psql. */
import { plainly } from '../report/format.ts'
import { isPostgres } from '../stack/databases/kinds.ts'
import { urlOf } from '../stack/http.ts'
import { endpointOf, nodesOf, type Topology } from '../topology/topology.ts'

/** Where to connect, as lines. */
export function addresses(given: Topology): string {
  const topology = plainly(given)
  const entry = topology.nodes.find((node) => node.attributes['router.entry'])
  const lines = [
    ...(entry?.ports['http'] ? [`  clients enter at  ${urlOf(entry, 'http', '')}`] : []),
    ...nodesOf(topology, 'database')
      .filter((node) => node.ports['sql'] && isPostgres(node))
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
