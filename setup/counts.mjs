/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/**
 * Counts tests in what Vitest's JSON reporter wrote. A file that could not even be loaded has no tests to count, so it
 * counts as one that failed; so does a run that ended badly without naming a failed test, types that do not check,
 * and sources that the linter refuses.
 * @param {string | undefined} json undefined when Vitest died before it wrote anything
 * @param {{ status: number, typesOk: boolean, lintOk?: boolean }} run Vitest's exit status, whether the types check, and
 * whether the linter is content
 * @returns {Counts}
 */
export function countTests(json, { status, typesOk, lintOk = true }) {
  const { passed, failed, skipped } = readResults(json)
  const unnamed = failed === 0 && status !== 0 ? 1 : 0
  return { passed, failed: failed + unnamed + (typesOk ? 0 : 1) + (lintOk ? 0 : 1), skipped }
}

/** @param {Counts} counts @returns {string} */
export function lastLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
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
