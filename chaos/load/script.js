// Runs inside k6. An open model: arrivals on a fixed schedule, whatever the answers do. Each attempt becomes one line
// on the
// log: n,op,startedMs,endedMs,status,errorCode,node,region,database  (times: wall clock, milliseconds).

import exec from 'k6/execution'
import http from 'k6/http'

const rate = Number(__ENV.RATE)
const writeShare = Number(__ENV.WRITE_SHARE)
const timeout = `${__ENV.TIMEOUT_MS}ms`
const accounts = 1000

export const options = {
  scenarios: {
    arrivals: {
      executor: 'constant-arrival-rate',
      rate,
      timeUnit: '1s',
      duration: `${__ENV.DURATION_MS}ms`,
      preAllocatedVUs: Number(__ENV.PREALLOCATED_VUS),
      maxVUs: Number(__ENV.MAX_VUS),
      // Attempts under way at the end are waited for, not cut; one that started late may end late, too.
      gracefulStop: `${Number(__ENV.TIMEOUT_MS) + 1000}ms`,
    },
  },
  discardResponseBodies: true,
  systemTags: [],
  summaryTrendStats: ['max'],
}

export default function () {
  const n = exec.scenario.iterationInTest
  // Arrival n is due at this start + n / rate.
  if (n === 0) console.log(`start,${exec.scenario.startTime}`)
  // Bresenham's way of spreading the writes evenly: every prefix of the schedule has its share of them.
  const write = Math.floor((n + 1) * writeShare) > Math.floor(n * writeShare)
  const startedMs = Date.now()
  const response = write ? transfer(n) : http.get(`${__ENV.ENTRY}/accounts/${1 + ((n * 7919) % accounts)}`, { timeout })
  const endedMs = Date.now()
  const header = (name) => response.headers[name] || ''
  console.log(
    `${n},${write ? 'w' : 'r'},${startedMs},${endedMs},${response.status},${response.error_code},${header('X-Blackstart-Node')},${header('X-Blackstart-Region')},${header('X-Blackstart-Database')}`,
  )
}

function transfer(n) {
  const from = 1 + ((n * 7919) % accounts)
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
