/** Pairs of servers, the second of which follows the first, as each database's own documentation has it. */
import { imageOf, type Server, startServer } from './server.ts'

export interface Pair {
  first: Server
  second: Server
  /** Stores these keys at the first. */
  store(keys: string[]): Promise<void>
  /** How stored keys are found, for `written`. */
  what: string
  /** The grant that is named to the user "bare", who may do nothing, for what it is not told. */
  missing: RegExp
  /** What the second says that takes no writes. */
  refusal: RegExp
  version: RegExp
}

const pgBase = `set -eu; export PATH=/usr/lib/postgresql/17/bin:$PATH PGHOST=/tmp PGUSER=postgres; cd /tmp`
const pgRun = `exec postgres -D data -c listen_addresses='*' -c unix_socket_directories=/tmp -c fsync=off`

/** Nothing is as Blackstart's own world has it: no schema, no setting, and the standby has no name. */
export async function postgresPair(): Promise<Pair> {
  const common = {
    image: 'blackstart/database',
    port: 5432,
    purpose: 'sql',
    ready: /database system is ready to accept/,
    attributes: { 'database.engine': 'postgres', 'database.user': 'watcher' },
  }
  const first = await startServer({
    ...common,
    name: 'first',
    script: `${pgBase}
      [ -d data ] || { initdb -D data -U postgres -A trust > /dev/null
      printf 'host all all all trust\\nhost replication all all trust\\n' >> data/pg_hba.conf
      printf 'create role watcher login in role pg_monitor\\ncreate role bare login\\n' | postgres --single -D data postgres > /dev/null; }
      ${pgRun}`,
  })
  const second = await startServer({
    ...common,
    name: 'second',
    script: `${pgBase}
      [ -d data ] || pg_basebackup -h ${first.address} -D data -R -c fast
      chmod 700 data; ${pgRun}`,
  })
  const psql = (sql: string) => first.sh(`${pgBase}; psql -qc "${sql}"`)
  return {
    first,
    second,
    what: 'select key from items where starts_with(key, $1)',
    refusal: /read-only transaction/,
    missing: /GRANT pg_monitor TO bare/,
    version: /^17\./,
    async store(keys) {
      await psql('create table items (key text); grant select on items to watcher')
      await psql(`insert into items values ${keys.map((key) => `('${key}')`).join(', ')}`)
    },
  }
}

export async function mariadbPair(): Promise<Pair> {
  const common = {
    image: await imageOf('mariadb'),
    port: 3306,
    purpose: 'sql',
    ready: /port: 3306/,
    attributes: { 'database.engine': 'mariadb', 'database.user': 'watcher', 'database.name': 'test' },
  }
  const start = (id: number, more: string) => `set -eu
    if [ ! -d data ]; then
      mariadb-install-db --datadir=/var/lib/mysql/data --skip-test-db > /dev/null
      printf '%s;\\n' 'create database test' "create user watcher@'%' identified by ''" "grant all on *.* to watcher@'%'" "create user follower@'%' identified by ''" \\
        "create user bare@'%' identified by ''" "grant select on test.* to bare@'%'" \\
        "grant replication slave on *.* to follower@'%'" > init.sql
      printf '%s;\\n' ${more} >> init.sql
    fi
    touch init.sql
    mv init.sql once.sql; exec mariadbd --no-defaults --datadir=/var/lib/mysql/data --socket=/tmp/db.sock --bind-address=0.0.0.0 \\
      --server-id=${id} --log-bin=log --gtid-strict-mode=1 --init-file=/var/lib/mysql/once.sql`
  const first = await startServer({ ...common, name: 'first', script: start(1, "'reset master'") })
  const second = await startServer({
    ...common,
    name: 'second',
    script: `${start(2, `'reset master' "change master to master_host='${first.address}', master_user='follower', master_use_gtid=slave_pos, master_ssl_verify_server_cert=0" 'start slave'`)} --read-only=1`,
  })
  return {
    first,
    second,
    what: 'select `key` from items where `key` like concat($1, "%")',
    refusal: /read_only is on/,
    missing: /GRANT REPLICA MONITOR ON \*\.\* TO bare/,
    version: /^11\.8/,
    async store(keys) {
      const sql = `create table items (\\\`key\\\` varchar(40)); insert into items values ${keys.map((key) => `('${key}')`).join(', ')}`
      await first.sh(`mariadb -S /tmp/db.sock -u watcher test -e "${sql}"`)
    },
  }
}

export async function redisPair(): Promise<Pair> {
  const common = {
    image: 'blackstart/store',
    port: 6379,
    purpose: 'redis',
    ready: /Ready to accept connections/,
    attributes: { 'database.engine': 'redis' },
  }
  const start = `exec redis-server --protected-mode no --save '' --repl-diskless-sync-delay 0`
  const first = await startServer({ ...common, name: 'first', script: start })
  const second = await startServer({ ...common, name: 'second', script: `${start} --replicaof ${first.address} 6379` })
  return {
    first,
    second,
    what: 'item:{{key}}:n',
    refusal: /^READONLY/,
    missing: /^$/,
    version: /^8\./,
    async store(keys) {
      await first.sh(keys.map((key) => `redis-cli set item:${key}:n 1`).join('; '))
    },
  }
}
