import Docker from 'dockerode'
import { Client } from 'pg'
import type { StartedTestContainer } from 'testcontainers'
import { GenericContainer } from 'testcontainers'

// The reaper's image cannot be pulled everywhere. Containers are found and removed by their label instead.
process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'

// Postgres comes and goes inside a container that stays, so that its published port stays, too. Without fsync, because
// these tests kill the server, never the machine.
const SUPERVISOR = `
  set -eu
  initdb --pgdata=/data/pg --auth=trust --username=postgres >/dev/null
  echo 'host all all all trust' >> /data/pg/pg_hba.conf
  touch /tmp/wanted
  while :; do
    if [ -e /tmp/wanted ]; then
      postgres -D /data/pg -c listen_addresses='*' -c fsync=off -c max_connections=60 -c blackstart.node=pg-contract \
        -c unix_socket_directories=/tmp || true
    fi
    sleep 0.1
  done`

/** A single real PostgreSQL, which can be killed, started again, and frozen. */
export class ContractDatabase implements AsyncDisposable {
  readonly #container: StartedTestContainer

  private constructor(container: StartedTestContainer) {
    this.#container = container
  }

  static async start(): Promise<ContractDatabase> {
    const container = await new GenericContainer('blackstart/database')
      .withLabels({ 'blackstart.world': `contract-ledger-${process.pid}` })
      .withEntrypoint(['bash', '-c'])
      .withCommand([SUPERVISOR])
      .withExposedPorts(5432)
      .withStartupTimeout(60_000)
      .start()
    return new ContractDatabase(container)
  }

  get url(): string {
    return `postgres://postgres@127.0.0.1:${this.#container.getMappedPort(5432)}/postgres`
  }

  /** Runs statements as an observer that does not pass through the service. */
  async query<Row extends object>(text: string): Promise<Row[]> {
    await using session = await this.session()
    return (await session.client.query<Row>(text)).rows
  }

  /** The one row that the statement gives. */
  async one<Row extends object>(text: string): Promise<Row> {
    const [row] = await this.query<Row>(text)
    if (row === undefined) throw new Error(`no row from: ${text}`)
    return row
  }

  async session(): Promise<AsyncDisposable & { client: Client }> {
    const client = new Client({ connectionString: this.url, connectionTimeoutMillis: 5_000 })
    client.on('error', () => {})
    await client.connect()
    return { client, [Symbol.asyncDispose]: () => client.end() }
  }

  /** SIGKILL to the server; it stays away until `revive`. */
  async kill(): Promise<void> {
    await this.#shell('rm /tmp/wanted; kill -9 "$(head -1 /data/pg/postmaster.pid)"')
  }

  async revive(): Promise<void> {
    await this.#shell('touch /tmp/wanted')
  }

  /** Freezes every process: connections stay open, and nothing answers. */
  async freeze(): Promise<void> {
    await new Docker().getContainer(this.#container.getId()).pause()
  }

  async thaw(): Promise<void> {
    await new Docker().getContainer(this.#container.getId()).unpause()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#container.stop({ timeout: 0 })
  }

  async #shell(command: string): Promise<void> {
    const { exitCode, output } = await this.#container.exec(['bash', '-c', command])
    if (exitCode !== 0) throw new Error(`in the database's container, "${command}" ended with ${exitCode}: ${output}`)
  }
}
