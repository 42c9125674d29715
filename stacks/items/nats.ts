/** NATS JetStream: a key-value bucket, with three replicas where there are three servers. */
import { jetstream } from '@nats-io/jetstream'
import { type KV, Kvm } from '@nats-io/kv'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import { abortable } from './abortable.ts'
import type { Store } from './store.ts'
import type { StoreUrl } from './store-url.ts'

export function openNats({ addresses, name, user, password }: StoreUrl): Store {
  const connecting = connect({
    servers: addresses.map(({ host, port }) => `${host}:${port}`),
    ...(user !== undefined && { user }),
    ...(password !== undefined && { pass: password }),
    // The nearest first.
    noRandomize: true,
    waitOnFirstConnect: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    timeout: 1_000,
    // A server that says nothing for two of these is left.
    pingInterval: 1_000,
    maxPingOut: 2,
  })
  const bucket = new Bucket(connecting, name, Math.min(3, addresses.length))
  return {
    // Returns with the stream's acknowledgement: a majority of the replicas has it.
    put: async (key, body, signal) => void (await bucket.use((kv) => kv.put(key, body), signal)),
    get: async (key, signal) => {
      const entry = await bucket.use((kv) => kv.get(key), signal)
      return entry?.operation === 'PUT' ? entry.string() : undefined
    },
    ready: async (signal) => void (await bucket.use((kv) => kv.status(), signal)),
    close: async () => (await connecting).drain(),
  }
}

/** Opened, or made, by whoever needs it first, and again by the next where that failed. */
class Bucket {
  readonly #open: () => Promise<KV>
  #opening: Promise<KV> | undefined

  constructor(connecting: Promise<NatsConnection>, name: string, replicas: number) {
    this.#open = async () => {
      const manager = new Kvm(jetstream(await connecting, { timeout: 1_500 }))
      return await manager.create(name, { replicas })
    }
  }

  async use<T>(work: (kv: KV) => Promise<T>, signal: AbortSignal): Promise<T> {
    this.#opening ??= this.#open().catch((error: unknown) => {
      this.#opening = undefined
      throw error
    })
    return await abortable(this.#opening.then(work), signal)
  }
}
