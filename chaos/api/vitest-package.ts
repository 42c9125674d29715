/** Vitest, which is the user's own: not everybody who installs Blackstart has it. */
import { UsageError } from '../errors.ts'

export const { expect, test } = await import('vitest').catch((error: NodeJS.ErrnoException) => {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes("'vitest'")) throw error
  throw new UsageError('blackstart/vitest needs Vitest 5 or newer: npm install --save-dev vitest', { cause: error })
})
