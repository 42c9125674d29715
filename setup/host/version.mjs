/**
 * @param {string} a a version, perhaps with a "v" before it and a distribution's own part behind it
 * @param {string} b
 * @returns {boolean} whether version a is older than b
 */
export function isOlder(a, b) {
  return plain(a).localeCompare(plain(b), 'en', { numeric: true }) < 0
}

/** @param {string} version e.g. `1:2.26.1-4`, `v2.40.3+ds1` @returns {string} its numbers, e.g. `2.26.1` */
function plain(version) {
  return version.match(/^(?:\d+:)?v?(\d+(?:\.\d+)*)/)?.[1] ?? version
}
