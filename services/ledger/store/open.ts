import type { StoreConfig } from '../config.ts'
import { GuardedStore } from './guarded.ts'
import { RedisStore } from './redis.ts'

/** For one question to the region's own node, in milliseconds. */
const NEAR_LIMIT_MS = 50
/** For one question to the primary, in milliseconds: it may be in the other region, 30 ms there and back. */
const PRIMARY_LIMIT_MS = 100

export interface Stores {
  near: GuardedStore
  primary: GuardedStore
  end(): void
}

/**
 * Connects to the primary by way of the sentinels, and to the region's own node directly: that one answers reads
 * whatever its role, and is known also where no sentinel answers. Each has its own breaker, because the loss of one
 * says nothing about the other.
 */
export function openStores(
  { sentinels, name, password, near }: StoreConfig,
  onChange: (which: 'near' | 'primary', isAway: boolean) => void,
): Stores {
  const primary = new GuardedStore(new RedisStore({ sentinels, name }, { limitMs: PRIMARY_LIMIT_MS, password }), {
    limitMs: PRIMARY_LIMIT_MS,
    onChange: (isAway) => onChange('primary', isAway),
  })
  const nearest =
    near &&
    new GuardedStore(new RedisStore(near, { limitMs: NEAR_LIMIT_MS, password }), {
      limitMs: NEAR_LIMIT_MS,
      onChange: (isAway) => onChange('near', isAway),
    })
  return {
    near: nearest ?? primary,
    primary,
    end() {
      primary.end()
      nearest?.end()
    },
  }
}
