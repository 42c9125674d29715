/** One real etcd that asks everybody who they are, started as in the world (`regions/config/dcs.sh`). */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GenericContainer, type StartedTestContainer, Wait } from 'testcontainers'
import { messageOf } from '../../../chaos/errors.ts'
import { packageRoot } from '../../../chaos/roots.ts'
import { waitUntil } from '../../../chaos/wait.ts'

/** The passwords of etcd's users: what people make by hand is not made of letters alone. */
const typed = `/&@"'\\%:$# {}`
export const users = {
  root: `of-root${typed}`,
  patroni: `of-patroni${typed}`,
  arbiter: `of-arbiter${typed}`,
  observer: `of-observer${typed}`,
}

export class Dcs implements AsyncDisposable {
  readonly container: StartedTestContainer

  private constructor(container: StartedTestContainer) {
    this.container = container
  }

  static async start(): Promise<Dcs> {
    const dcs = new Dcs(
      await new GenericContainer('blackstart/dcs')
        .withEntrypoint(['bash', '/dcs.sh'])
        .withCopyContentToContainer([
          { content: readFileSync(join(packageRoot, 'regions/config/dcs.sh'), 'utf8'), target: '/dcs.sh' },
        ])
        .withEnvironment({
          CLIENT_PORT: '2379',
          DCS_PASSWORD: users.root,
          DCS_PATRONI_PASSWORD: users.patroni,
          DCS_ARBITER_PASSWORD: users.arbiter,
          OBSERVER_PASSWORD: users.observer,
        })
        .withCommand([
          '--data-dir=/data/etcd',
          '--listen-client-urls=http://0.0.0.0:2379',
          '--advertise-client-urls=http://127.0.0.1:2379',
          '--experimental-watch-progress-notify-interval=500ms',
        ])
        .withLabels({ 'blackstart.world': `contract-dcs-${process.pid}` })
        .withExposedPorts(2379)
        .withWaitStrategy(Wait.forHttp('/health', 2379))
        .start(),
    )
    await dcs.asksWho()
    return dcs
  }

  /** Its port on 127.0.0.1, another one after each restart. */
  get port(): number {
    return this.container.getMappedPort(2379)
  }

  async restart(): Promise<void> {
    await this.container.restart()
    await this.asksWho()
  }

  post(path: string, body: object, token?: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, {
      method: 'POST',
      body: JSON.stringify(body),
      ...(token && { headers: { authorization: token } }),
    })
  }

  async tokenOf(name: keyof typeof users): Promise<string> {
    const response = await this.post('/v3/auth/authenticate', { name, password: users[name] })
    return ((await response.json()) as { token: string }).token
  }

  /** Makes every token older than the list of users. */
  async changeUsers(): Promise<void> {
    const response = await this.post(
      '/v3/auth/role/add',
      { name: `another-${performance.now()}` },
      await this.tokenOf('root'),
    )
    if (!response.ok) throw new Error(`etcd answered ${response.status}: ${await response.text()}`)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.container.stop()
  }

  private async asksWho(): Promise<void> {
    await waitUntil(
      async () => {
        const answer = await this.post('/v3/auth/status', {}).then((response) => response.text(), messageOf)
        return answer.includes('user name is empty') ? { done: true, value: undefined } : { done: false, seen: answer }
      },
      { until: 'etcd asks who one is', limitMs: 20_000 },
    )
  }
}
