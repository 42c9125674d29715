/** The kinds of databases that Blackstart knows, and which one a node is. */
import { UsageError, withNearest } from '../../errors.ts'
import type { Node } from '../../topology/topology.ts'
import { type DatabaseEngine, databaseEngines } from '../../worldfile/schema.ts'
import type { DatabaseAdapter } from './adapter.ts'
import { http } from './http.ts'
import { mariadb } from './mariadb.ts'
import { postgres } from './postgres.ts'
import { redis } from './redis.ts'

const adapters: Record<DatabaseEngine, DatabaseAdapter> = {
  postgres,
  patroni: postgres,
  mariadb,
  redis,
  http,
}

/**
 * By the label `blackstart.database.engine`; without it, PostgreSQL.
 * @throws UsageError for a kind that there is not
 */
export function adapterOf({ name, attributes }: Node): DatabaseAdapter {
  const engine = attributes['database.engine'] || 'postgres'
  const known = databaseEngines.find((kind) => kind === engine)
  if (known === undefined)
    throw new UsageError(
      withNearest(
        `${name} has the label blackstart.database.engine="${engine}", which is none`,
        engine,
        databaseEngines,
      ),
    )
  return adapters[known]
}

/** Whether it answers SQL. */
export function answersSql(node: Node): boolean {
  return adapterOf(node).rules !== undefined
}
