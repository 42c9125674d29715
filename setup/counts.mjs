/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Counts tests in what Vitest's JSON reporter wrote. A file that could not even be loaded has no tests to count, so it
 * counts as one that failed; so does a run that ended badly without naming a failed test.
 * @param {string | undefined} json undefined when Vitest died before it wrote anything
 * @param {number} status Vitest's exit status
 * @returns {Counts}
 */
export function countTests(json, status) {
  const { passed, failed, skipped } = readResults(json)
  return { passed, failed: failed + (failed === 0 && status !== 0 ? 1 : 0), skipped }
}

/** @param {readonly Counts[]} all @returns {Counts} */
export function sumOf(all) {
  const sum = { passed: 0, failed: 0, skipped: 0 }
  for (const { passed, failed, skipped } of all) {
    sum.passed += passed
    sum.failed += failed
    sum.skipped += skipped
  }
  return sum
}

/**
 * A line for each failed test and each file that did not load: where, which, and how its message begins. Printed once
 * more at the end, for of a long output often only the end is kept.
 * @param {string | undefined} json as of countTests
 * @returns {string[]} "failed  tests/a.test.ts > a name: expected 1 to be 2"
 */
export function failures(json) {
  try {
    return JSON.parse(json ?? '').testResults.flatMap(failuresOf)
  } catch {
    return []
  }
}

/** @param {Counts} counts @returns {string} */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
}

/**
 * Two of the runs may go on at once, so all take less than their sum.
 * @param {readonly { name: string, seconds: number }[]} runs
 * @param {number} tookMs
 * @returns {string} "tests took 25.5 min: unit 580 s, contract 556 s"
 */
export function timesLine(runs, tookMs) {
  const each = runs.map(({ name, seconds }) => `${name} ${seconds} s`).join(', ')
  return `tests took ${(tookMs / 60_000).toFixed(1)} min${runs.length > 1 ? `: ${each}` : ''}`
}

/** @param {string | undefined} json @returns {Counts} */
function readResults(json) {
  try {
    const {
      numPassedTests,
      numFailedTests,
      numPendingTests = 0,
      numTodoTests = 0,
      testResults,
    } = JSON.parse(json ?? '')
    const unloaded = testResults.filter(hasFailedWithoutATest).length
    return { passed: numPassedTests, failed: numFailedTests + unloaded, skipped: numPendingTests + numTodoTests }
  } catch {
    // Nothing, or half of it, was written: Vitest crashed, whatever its exit status says.
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

/** @param {{ status: string, assertionResults: { status: string }[] }} file */
function hasFailedWithoutATest(file) {
  return file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
}

/**
 * @typedef {{ status: string, fullName: string, failureMessages: string[] }} Test
 * @param {{ name: string, status: string, message: string, assertionResults: Test[] }} file
 * @returns {string[]}
 */
function failuresOf(file) {
  const where = /tests\/.*$/.exec(file.name)?.[0] ?? file.name
  if (hasFailedWithoutATest(file)) return [`failed  ${where}: ${startOf(file.message)}`]
  return file.assertionResults
    .filter((test) => test.status === 'failed')
    .map((test) => `failed  ${where} > ${test.fullName}: ${startOf(test.failureMessages.join('\n'))}`)
}

/** @param {string} message */
function startOf(message) {
  const stack = message.search(/\n\s+at /)
  const text = (stack < 0 ? message : message.slice(0, stack)).replace(/\s+/g, ' ').trim()
  return text.length > 600 ? `${text.slice(0, 600)}…` : text
}
