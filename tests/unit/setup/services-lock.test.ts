// Goal: the image of our own programs holds the versions that the tests of those programs ran with.
// Method: the lock of services/, which the image installs, against that of the checkout.
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

interface Locked {
  version?: string
  integrity?: string
  link?: boolean
  dependencies?: Record<string, string>
}

function lockIn(folder: string): Record<string, Locked> {
  const text = readFileSync(new URL(`../../../${folder}package-lock.json`, import.meta.url), 'utf8')
  return (JSON.parse(text) as { packages: Record<string, Locked> }).packages
}

const ofCheckout = lockIn('')
const ofImage = lockIn('services/')

test('every package of the image is locked in the version of the checkout', () => {
  const installed = Object.entries(ofImage).filter(([path, { link }]) => path.startsWith('node_modules/') && !link)
  expect(installed.length).toBeGreaterThan(30)
  const different = installed.filter(
    ([path, { version, integrity }]) =>
      ofCheckout[path]?.version !== version || ofCheckout[path]?.integrity !== integrity,
  )
  expect(different.map(([path]) => path)).toEqual([])
})

test.for(['ledger', 'beacon'])('%s asks for the same in both', (program) => {
  expect(ofImage[program]).toEqual(ofCheckout[`services/${program}`])
})
