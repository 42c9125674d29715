import type { Store } from './store.ts'
import type { StoreUrl } from './store-url.ts'

/** Connects in the background. Only the client of the store that was chosen is loaded. */
export async function openStore(url: StoreUrl): Promise<Store> {
  switch (url.kind) {
    case 'postgres':
      return (await import('./postgres.ts')).openPostgres(url)
    case 'mariadb':
      return (await import('./mariadb.ts')).openMariadb(url)
    case 'redis-sentinel':
      return (await import('./redis-sentinel.ts')).openRedisSentinel(url)
    case 'nats':
      return (await import('./nats.ts')).openNats(url)
  }
}
