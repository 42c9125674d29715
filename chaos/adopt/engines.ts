/** Which adapter reads which kind of database, and the variables by which its images are told their accounts. */
import type { DatabaseEngine } from '../worldfile/schema.ts'
import type { Kind } from './kinds.ts'

export interface Engine {
  engine: DatabaseEngine
  user: RegExp
  password: RegExp
  name: RegExp
  /** Where no variable tells the user. */
  defaultUser?: string
}

const mysql: Engine = {
  engine: 'mariadb',
  user: /^(MARIADB|MYSQL)_USER$/,
  password: /^(MARIADB|MYSQL)_PASSWORD$/,
  name: /^(MARIADB|MYSQL)_DATABASE$/,
  defaultUser: 'root',
}

export const engines: ReadonlyMap<Kind, Engine> = new Map<Kind, Engine>([
  [
    'postgres',
    {
      engine: 'postgres',
      user: /^(POSTGRES_USER|POSTGRESQL_USERNAME|PGUSER)$/,
      password: /^(POSTGRES_PASSWORD|POSTGRESQL_PASSWORD|PGPASSWORD)$/,
      name: /^(POSTGRES_DB|POSTGRESQL_DATABASE|PGDATABASE)$/,
      defaultUser: 'postgres',
    },
  ],
  [
    'patroni',
    {
      engine: 'patroni',
      user: /^(PATRONI_SUPERUSER_USERNAME|POSTGRES_USER|PGUSER_SUPERUSER)$/,
      password: /^(PATRONI_SUPERUSER_PASSWORD|POSTGRES_PASSWORD|PGPASSWORD_SUPERUSER)$/,
      name: /^POSTGRES_DB$/,
      defaultUser: 'postgres',
    },
  ],
  ['mariadb', mysql],
  ['galera', mysql],
  ['redis', { engine: 'redis', user: /^REDIS_USERNAME$/, password: /^(REDIS|VALKEY)_PASSWORD$/, name: /^$/ }],
])
