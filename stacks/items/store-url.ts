/**
 * Reads the setting STORE, which names the store, its addresses and what the items are kept in:
 *
 *     postgres://user:password@db-1:5432,db-2:5432/database
 *     mariadb://user:password@db-1:3306,db-2:3306/database
 *     redis-sentinel://:password@sentinel-1:26379,sentinel-2:26379/group
 *     nats://nats-1:4222,nats-2:4222,nats-3:4222/bucket
 */
import type { Address } from './store.ts'

/** Kind of store → its usual port. */
const ports = { postgres: 5432, mariadb: 3306, 'redis-sentinel': 26_379, nats: 4222 }
export type StoreKind = keyof typeof ports

export interface StoreUrl {
  kind: StoreKind
  user: string | undefined
  password: string | undefined
  /** In the order in which they are tried. */
  addresses: Address[]
  /** The database, the sentinels' group or the bucket. */
  name: string
}

export class SettingError extends Error {}

// URL reads no address with several hosts.
const form = /^([a-z-]+):\/\/(?:([^:@/]*)(?::([^@/]*))?@)?([^@/]+)\/([\w-]+)$/

/** @throws SettingError that says what STORE must look like */
export function parseStoreUrl(text: string | undefined): StoreUrl {
  if (!text) throw new SettingError('STORE is not set: name a store, such as postgres://user:password@db-1,db-2/items')
  const [, kind = '', user, password, hosts = '', name = ''] = form.exec(text) ?? []
  // Never the text itself: it may hold a password.
  if (name === '') throw new SettingError('STORE must look like kind://user:password@host:port,host:port/name')
  if (!isKind(kind))
    throw new SettingError(`STORE names the kind "${kind}", which is none of ${Object.keys(ports).join(', ')}`)
  return {
    kind,
    user: user ? decodeURIComponent(user) : undefined,
    password: password ? decodeURIComponent(password) : undefined,
    addresses: hosts.split(',').map((host) => addressOf(host, ports[kind])),
    name,
  }
}

function isKind(kind: string): kind is StoreKind {
  return Object.hasOwn(ports, kind)
}

function addressOf(text: string, usualPort: number): Address {
  const [, host, port = String(usualPort)] = /^([\w.-]+)(?::(\d{1,5}))?$/.exec(text) ?? []
  if (host === undefined || Number(port) > 65_535 || Number(port) === 0)
    throw new SettingError(`STORE names the address "${text}", which is no host:port`)
  return { host, port: Number(port) }
}
