/** Which adapter reads which kind of database, and the variables by which its images are told their accounts. */
import type { DatabaseEngine } from '../worldfile/schema.ts'
import type { Kind } from './kinds.ts'

/** Names of variables in order of certainty. */
export interface Engine {
  engine: DatabaseEngine
  user: readonly string[]
  password: readonly string[]
  database: readonly string[]
  /** Where no variable tells the user. */
  defaultUser?: string
}

const mysql: Engine = {
  engine: 'mariadb',
  user: ['MARIADB_USER', 'MYSQL_USER'],
  password: ['MARIADB_PASSWORD', 'MYSQL_PASSWORD'],
  database: ['MARIADB_DATABASE', 'MYSQL_DATABASE'],
  defaultUser: 'root',
}
export const rootPasswords = ['MARIADB_ROOT_PASSWORD', 'MYSQL_ROOT_PASSWORD']

export const engines: ReadonlyMap<Kind, Engine> = new Map<Kind, Engine>([
  [
    'postgres',
    {
      engine: 'postgres',
      user: ['POSTGRES_USER', 'POSTGRESQL_USERNAME', 'PGUSER'],
      password: ['POSTGRES_PASSWORD', 'POSTGRESQL_PASSWORD', 'PGPASSWORD'],
      database: ['POSTGRES_DB', 'POSTGRESQL_DATABASE', 'PGDATABASE'],
      defaultUser: 'postgres',
    },
  ],
  [
    'patroni',
    {
      engine: 'patroni',
      user: ['PATRONI_SUPERUSER_USERNAME', 'PGUSER_SUPERUSER', 'POSTGRES_USER'],
      password: ['PATRONI_SUPERUSER_PASSWORD', 'PGPASSWORD_SUPERUSER', 'POSTGRES_PASSWORD'],
      database: ['POSTGRES_DB'],
      defaultUser: 'postgres',
    },
  ],
  ['mariadb', mysql],
  ['galera', mysql],
  [
    'redis',
    { engine: 'redis', user: ['REDIS_USERNAME'], password: ['REDIS_PASSWORD', 'VALKEY_PASSWORD'], database: [] },
  ],
])
