/** Where a world is reached: by clients, and by psql. */
import { join } from 'node:path'
import { readWorldPasswords, worldPasswordsFile } from '../env-file.ts'
import { plainly } from '../report/format.ts'
import { urlOf } from '../stack/http.ts'
import { endpointOf, isPostgres, type Node, nodesOf, type Topology } from '../topology/topology.ts'

/** Where to connect, as lines. */
export function addresses(given: Topology): string {
  const topology = plainly(given)
  const entry = topology.nodes.find((node) => node.attributes['router.entry'])
  const databases = nodesOf(topology, 'database').filter((node) => node.ports['sql'] && isPostgres(node))
  const lines = [
    ...(entry?.ports['http'] ? [`  clients enter at  ${urlOf(entry, 'http', '')}`] : []),
    ...databases
      .map((node) => ({ node, ...endpointOf(node, 'sql') }))
      .map(
        ({ node, host, port }) =>
          `  ${node.name.padEnd(16)}  psql -h ${host} -p ${port} -U ${forShell(node.attributes['database.user'])} ${forShell(node.attributes['database.name'])}`,
      ),
    ...passwordLines(databases, topology.world),
  ]
  return [
    ...lines,
    `  npx blackstart run region-kill${topology.world === 'blackstart' ? '' : ` --world ${topology.world}`}`,
  ].join('\n')
}

/** Where the passwords of these are: one that stands in the user's Compose file is kept with the world. */
function passwordLines(databases: readonly Node[], world: string): string[] {
  const names = [...new Set(databases.flatMap((node) => node.attributes['database.password'] ?? []))]
  const kept = readWorldPasswords()
  const [ofUser, ofWorld] = [names.filter((name) => !kept.has(name)), names.filter((name) => kept.has(name))]
  const line = (file: string, which: readonly string[]) =>
    which.length === 0 ? [] : [`  passwords         ${file}, ${which.join(', ')} for these`]
  return [...line('.env', ofUser), ...line(join('.blackstart/worlds', world, worldPasswordsFile), ofWorld)]
}

/** A label's value in a line that is there to be copied into a shell. */
function forShell(value = ''): string {
  return /^[\w.-]*$/.test(value) ? value : `'${value.replaceAll("'", "'\\''")}'`
}
