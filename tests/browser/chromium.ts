/** The Chromium of this machine, for the tests of the page and for its pictures. */
import { type Browser, chromium } from 'playwright-core'
import { chromiumOf } from '../../setup/chromium.mjs'
import { thisMachine } from '../../setup/host/host.mjs'

/** @throws Error where there is none, with what installs it */
export function launchChromium(): Promise<Browser> {
  const executablePath = chromiumOf({ env: process.env, which: thisMachine('/', new AbortController().signal).which })
  if (executablePath === undefined) throw new Error('this needs Chromium: "npm test -- tests/browser" installs it')
  // Chromium's own sandbox does not work for root; the pages are ours.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}
