import { Client } from 'pg'
import type { StartedTestContainer } from 'testcontainers'
import { GenericContainer, Wait } from 'testcontainers'
import type { Node, Topology } from '../../../chaos/topology/topology.ts'

process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'

export const ports = { first: 5901, second: 5902 }
export type Name = keyof typeof ports

const environment = `set -eu
export PATH=/usr/lib/postgresql/17/bin:$PATH PGHOST=/tmp PGUSER=postgres PGDATABASE=postgres
cd /tmp
start() { pg_ctl -D "$1" -o "-p $2" -w -l "$1.log" start > /dev/null; }
`
/** `first` replicates to `second`, and commits when that has it. */
const setUp = `${environment}
initdb -D first -U postgres -A trust > /dev/null
printf 'host all all all trust\\n' >> first/pg_hba.conf
cat >> first/postgresql.conf <<'END'
listen_addresses = '*'
unix_socket_directories = '/tmp'
fsync = off
wal_log_hints = on
wal_keep_size = 64MB
max_connections = 60
END
printf "blackstart.node = 'first'\\n" >> first/postgresql.conf
start first ${ports.first}
psql -qp ${ports.first} -c "create schema blackstart; create table blackstart.probe (node text primary key, n bigint)"
pg_basebackup -D second -p ${ports.first} -R -c fast
printf "blackstart.node = 'second'\\ncluster_name = 'second'\\n" >> second/postgresql.conf
start second ${ports.second}
psql -qp ${ports.first} -c "alter system set synchronous_standby_names = 'second'" -c 'select pg_reload_conf()' > /dev/null
echo the pair is ready
sleep 600`

/** Two real PostgreSQL servers in one container, the second one a synchronous standby of the first. */
export class Pair implements AsyncDisposable {
  readonly #container: StartedTestContainer

  private constructor(container: StartedTestContainer) {
    this.#container = container
  }

  static async start(): Promise<Pair> {
    const container = await new GenericContainer('blackstart/database')
      .withLabels({ 'blackstart.world': `contract-pair-${process.pid}` })
      .withEntrypoint(['bash', '-c'])
      .withCommand([setUp])
      .withExposedPorts(...Object.values(ports))
      .withWaitStrategy(Wait.forLogMessage('the pair is ready'))
      .withStartupTimeout(60_000)
      .start()
    return new Pair(container)
  }

  urlOf(name: Name): string {
    return `postgres://postgres@127.0.0.1:${this.#container.getMappedPort(ports[name])}/postgres`
  }

  /** The two as a world's databases; `served` says which server answers by which name. */
  topology(served: Record<Name, Name> = { first: 'first', second: 'second' }): Topology {
    const node = (name: Name, site: string): Node => ({
      name,
      role: 'database',
      site,
      ports: { sql: this.#container.getMappedPort(ports[served[name]]) },
      attributes: {
        'database.user': 'postgres',
        'audit.writes': `select key from transfers where starts_with(key, $1) and status = 'completed'`,
        'audit.invariants': `select 'the sum over all accounts never changes' as name, sum(balance) = sum(opening) as holds,
          format('sum %s, opened with %s', sum(balance), sum(opening)) as detail from accounts`,
      },
    })
    return {
      world: 'pair',
      sites: [
        { name: 'east', kind: 'region' },
        { name: 'west', kind: 'region' },
      ],
      nodes: [node('first', 'east'), node('second', 'west')],
      links: [],
      timeouts: {},
    }
  }

  async session(name: Name): Promise<AsyncDisposable & { client: Client }> {
    const client = new Client({ connectionString: this.urlOf(name), connectionTimeoutMillis: 5_000 })
    client.on('error', () => {})
    await client.connect()
    return { client, [Symbol.asyncDispose]: () => client.end() }
  }

  /** Runs statements without waiting for their replication, and gives the rows of the last one. */
  async sql<Row extends object>(name: Name, text: string): Promise<Row[]> {
    await using session = await this.session(name)
    await session.client.query('set synchronous_commit = local')
    return (await session.client.query<Row>(text)).rows
  }

  async stop(name: Name): Promise<void> {
    await this.#shell(`pg_ctl -D ${name} -m immediate -w stop > /dev/null`)
  }

  async startAgain(name: Name): Promise<void> {
    await this.#shell(`start ${name} ${ports[name]}`)
  }

  async promote(name: Name): Promise<void> {
    await this.#shell(`pg_ctl -D ${name} promote -w > /dev/null`)
  }

  /** What `name` has alone is undone, and it follows the other, as after a change of primary. */
  async rejoin(name: Name, primary: Name): Promise<void> {
    await this.#shell(`
      psql -qp ${ports[primary]} -c checkpoint
      pg_rewind -D ${name} --source-server='host=/tmp port=${ports[primary]} user=postgres dbname=postgres' -R 2> rewind.log
      sed -i "s/^blackstart.node.*/blackstart.node = '${name}'/" ${name}/postgresql.conf
      printf "cluster_name = '${name}'\\n" >> ${name}/postgresql.conf
      start ${name} ${ports[name]}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container.stop({ timeout: 0 })
  }

  async #shell(command: string): Promise<void> {
    const { exitCode, output } = await this.#container.exec(['bash', '-c', `${environment}${command}`])
    if (exitCode !== 0) throw new Error(`in the pair's container, "${command}" ended with ${exitCode}: ${output}`)
  }
}
