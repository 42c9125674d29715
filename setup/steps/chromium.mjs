import { chromiumOf } from '../chromium.mjs'
import { installPackages } from '../host/apt.mjs'
import { cannotInstall } from '../host/host.mjs'

/**
 * The browser in which the control room is tested. Nothing else needs it.
 * @param {import('../host/host.mjs').Host} host
 * @returns {import('../step.mjs').Step}
 */
export function chromiumStep(host) {
  return {
    name: 'chromium',
    async check() {
      if (chromiumOf(host) !== undefined) return undefined
      const missing = {
        found: 'there is no Chromium, in which the control room is tested',
        remedy:
          'install it (Debian: apt-get install chromium), or Google Chrome, or name another one with BLACKSTART_CHROMIUM',
      }
      if (cannotInstall(host) !== undefined) return missing
      return {
        ...missing,
        fix: {
          title: 'installing Chromium (Debian package chromium): needs root, changes this machine',
          run: (task) => installPackages(host, ['chromium'], task),
        },
      }
    },
  }
}
