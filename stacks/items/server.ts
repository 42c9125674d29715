// Settings: STORE (see store-url.ts), PORT (8080), and RETRY_MS, for how long a failure is tried again (5000; 0: not at all).
import { once } from 'node:events'
import { setTimeout as pause } from 'node:timers/promises'
import { createApp } from './app.ts'
import { openStore } from './open.ts'
import { messageOf } from './retry.ts'
import { parseStoreUrl, SettingError, type StoreUrl } from './store-url.ts'

const EXIT_BAD_SETTING = 4
/** A gateway asks once a second or more often whether this replica is ready. */
const NOTICE_MS = 1_000
/** More than a request may take. */
const DRAIN_LIMIT_MS = 8_000

function urlOrExit(): StoreUrl {
  try {
    return parseStoreUrl(process.env['STORE'])
  } catch (error) {
    if (!(error instanceof SettingError)) throw error
    console.error(`items: ${error.message}`)
    process.exit(EXIT_BAD_SETTING)
  }
}

// Before anything is waited for: a store that is not there yet must not keep the process from ending.
let end = (): void => process.exit(0)
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end())

const store = await openStore(urlOrExit())
const app = createApp(store, { limitMs: 5_000, pauseMs: 100, retryMs: Number(process.env['RETRY_MS'] ?? 5_000) })
const { server } = app
end = () => {
  console.log('draining')
  void drain().catch((error: unknown) => {
    console.error(`items: the drain failed: ${messageOf(error)}`)
    process.exit(1)
  })
}
server.listen(Number(process.env['PORT'] ?? 8080))
await once(server, 'listening')
console.log(`listening, items are kept in ${urlOrExit().kind}`)

/** Serves on until the gateway has seen that it is not ready, then finishes what is under way. */
async function drain(): Promise<void> {
  app.drain()
  await pause(NOTICE_MS)
  const closed = once(server, 'close')
  server.close()
  await Promise.race([closed, pause(DRAIN_LIMIT_MS)])
  await Promise.race([store.close(), pause(1_000)])
  process.exit(0)
}
