import type { Config } from './config.ts'
import { ConfigError, readConfig } from './config.ts'
import { createService } from './service.ts'

const EXIT_CUT_OFF = 1
const EXIT_BAD_CONFIG = 4
const EXIT_DEFECT = 70

function configOrExit(): Config {
  try {
    return readConfig(process.env)
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    for (const problem of error.problems) console.error(`ledger: ${problem}`)
    process.exit(EXIT_BAD_CONFIG)
  }
}

const service = createService(configOrExit())

// A rejection that nobody handled is a defect, but one request's defect is no reason to end all the others.
process.on('unhandledRejection', (reason) => service.log.error({ err: reason }, 'a rejected promise was not handled'))
// After an exception that nobody caught, nothing is known about the process's state any more.
process.on('uncaughtException', (error) => {
  service.log.fatal({ err: error }, 'an exception was not caught; ending')
  process.exit(EXIT_DEFECT)
})

let draining = false
const drain = async (signal: NodeJS.Signals): Promise<void> => {
  if (draining) return
  draining = true
  const startedMs = performance.now()
  service.log.info({ signal }, 'draining')
  const cutOff = await service.drain().catch((error: unknown) => {
    service.log.error({ err: error }, 'the drain failed; ending all the same')
    return Number.NaN
  })
  const tookMs = Math.round(performance.now() - startedMs)
  service.log.info({ cutOff, tookMs }, cutOff === 0 ? 'drained' : 'gave up waiting for requests under way')
  process.exit(cutOff === 0 ? 0 : EXIT_CUT_OFF)
}
process.on('SIGTERM', (signal) => void drain(signal))
process.on('SIGINT', (signal) => void drain(signal))

try {
  await service.start()
} catch (error) {
  service.log.fatal({ err: error }, 'cannot listen')
  process.exit(1)
}
