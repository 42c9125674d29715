// Runs inside k6, in front of a script that asks for 'blackstart/k6': what measures an arrival and writes its line. The
// line is that of script.js, and has the number of the declared request at its end, where there is one.

import blackstartExec from 'k6/execution'

// biome-ignore lint/correctness/noUnusedVariables: the script that stands behind it uses it
const blackstart = (() => {
  const entries = JSON.parse(__ENV.ENTRIES)
  const patienceMs = Number(__ENV.TIMEOUT_MS)
  /** Too little is left for another entry. */
  const tooLittleMs = 20
  /** Of this virtual user: the entry that answered last, and the arrival that it reported last. */
  let current = 0
  let reported = -1

  const keyOf = (n) => `${__ENV.TRIAL_ID}-${n}`
  const neverLeft = (code) => (code >= 1100 && code < 1200) || (code >= 1210 && code <= 1213)
  const unreachable = (code) => neverLeft(code) || code === 1050

  /** Asks the entry that answered last; the next one only if the request certainly never left. */
  function askEntries(n, ask, startedMs) {
    for (let tried = 1; ; tried++) {
      const leftMs = Math.max(1, startedMs + patienceMs - Date.now())
      const response = ask({ n, key: keyOf(n), entry: entries[current], timeout: `${leftMs}ms` })
      if (!response || typeof response.status !== 'number')
        throw new Error('attempt: the function must return the response of k6/http')
      if (response.status !== 0 || !unreachable(response.error_code)) return response
      current = (current + 1) % entries.length
      const goOn = neverLeft(response.error_code) && tried < entries.length
      if (!goOn || startedMs + patienceMs - Date.now() < tooLittleMs) return response
    }
  }

  function attempt({ write = false, request = '' }, ask) {
    const n = blackstartExec.scenario.iterationInTest
    if (n === reported) throw new Error('attempt was called twice for one arrival: one arrival is one request')
    reported = n
    // All that is due counts from this start: see pace.ts.
    if (n === 0) console.log(`start,${blackstartExec.scenario.startTime}`)
    const startedMs = Date.now()
    const response = askEntries(n, ask, startedMs)
    const endedMs = Date.now()
    const header = (name) => response.headers?.[name] || ''
    console.log(
      `${n},${write ? 'w' : 'r'},${startedMs},${endedMs},${response.status},${response.error_code},${header('X-Blackstart-Node')},${header('X-Blackstart-Region')},${header('X-Blackstart-Database')},,${header('X-Blackstart-Versions').replace(',', ' ')},${request}`,
    )
    return response
  }

  function options(own) {
    if (own.scenarios || own.stages || own.vus || own.iterations || own.duration)
      throw new Error('options: the rate and the length of the load are those of the scenario; leave them out')
    return Object.assign({ discardResponseBodies: true, systemTags: [], summaryTrendStats: ['max'] }, own, {
      scenarios: {
        arrivals: JSON.parse(__ENV.ARRIVALS),
      },
    })
  }

  // Only what the harness must know: how many arrivals found no free virtual user.
  function summary(data) {
    const count = (name) => (data.metrics[name] ? data.metrics[name].values.count : 0)
    return { stdout: `summary,${count('iterations')},${count('dropped_iterations')}\n` }
  }

  return { attempt, keyOf, options, summary }
})()
