/** Names under which Chromium, or a browser that is built on it, is installed. */
const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']

/**
 * The browser that the tests of the page use: the one that BLACKSTART_CHROMIUM names, or one of those in the PATH.
 * @param {{ env: Record<string, string | undefined>, which(command: string): string | undefined }} host
 * @returns {string | undefined}
 */
export function chromiumOf(host) {
  const chosen = host.env['BLACKSTART_CHROMIUM']
  return [...(chosen ? [chosen] : []), ...NAMES].map((name) => host.which(name)).find((path) => path !== undefined)
}
