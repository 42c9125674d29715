// Runs inside k6, behind arrivals.js. An open model: arrivals on a fixed schedule, whatever the answers do. Each attempt
// becomes one line on the log: n,op,startedMs,endedMs,status,errorCode,node,region,database,session,versions (times:
// wall clock, milliseconds; versions: 12:4 873:9, accounts and their versions).

import exec from 'k6/execution'
import http from 'k6/http'

const timeout = `${__ENV.TIMEOUT_MS}ms`
const accounts = 1000

export const options = {
  scenarios: {
    arrivals: JSON.parse(__ENV.ARRIVALS),
  },
  discardResponseBodies: true,
  systemTags: [],
  summaryTrendStats: ['max'],
}

export default function () {
  const n = exec.scenario.iterationInTest
  // All that is due counts from this start: see pace.ts.
  if (n === 0) console.log(`start,${exec.scenario.startTime}`)
  const write = isWrite(n)
  // A session is a client that writes and looks at its account again: it has the number of its write.
  const session = write ? n : recentWrite(n)
  const startedMs = Date.now()
  const response = write ? transfer(n) : http.get(`${__ENV.ENTRY}/accounts/${accountOf(session)}`, { timeout })
  const endedMs = Date.now()
  const header = (name) => response.headers[name] || ''
  console.log(
    `${n},${write ? 'w' : 'r'},${startedMs},${endedMs},${response.status},${response.error_code},${header('X-Blackstart-Node')},${header('X-Blackstart-Region')},${header('X-Blackstart-Database')},${session},${header('X-Blackstart-Versions').replace(',', ' ')}`,
  )
}

function accountOf(n) {
  return 1 + ((n * 7919) % accounts)
}

function transfer(n) {
  const from = accountOf(n)
  const body = JSON.stringify({ from, to: 1 + ((from + (n % (accounts - 1))) % accounts), amount: 1 + (n % 10) })
  return http.post(`${__ENV.ENTRY}/transfers`, body, {
    timeout,
    headers: { 'content-type': 'application/json', 'idempotency-key': `${__ENV.TRIAL_ID}-${n}` },
  })
}

// Only what the harness must know: how many arrivals found no free virtual user.
export function handleSummary(data) {
  const count = (name) => (data.metrics[name] ? data.metrics[name].values.count : 0)
  return { stdout: `summary,${count('iterations')},${count('dropped_iterations')}\n` }
}
