// Runs inside k6, behind module.js and arrivals.js: plays the requests that a blackstart.yaml declares. Which request is due is a matter
// of the arrival's number alone.

import { attempt, keyOf } from 'blackstart/k6'
import exec from 'k6/execution'
import http from 'k6/http'

const requests = JSON.parse(__ENV.REQUESTS)
const indices = requests.map((_, index) => index)
const writes = turnsOf(indices.filter((index) => requests[index].write))
const reads = turnsOf(indices.filter((index) => !requests[index].write))

export default function () {
  const n = exec.scenario.iterationInTest
  const index = requestOf(n)
  const { write, method, path, headers, body } = requests[index]
  const fill = (text) => fillIn(text, n)
  attempt({ write, request: index }, ({ entry, timeout }) =>
    http.request(method, entry + fill(path), body === undefined ? null : fill(body), {
      timeout,
      headers: Object.fromEntries(Object.entries(headers || {}).map(([name, value]) => [name, fill(value)])),
    }),
  )
}

function fillIn(text, n) {
  return text.replace(/\{\{\s*(n|key|recentKey)\s*\}\}/g, (_, name) =>
    name === 'n' ? String(n) : keyOf(name === 'key' ? n : recentWrite(n)),
  )
}

function requestOf(n) {
  const written = writesBefore(n)
  return isWrite(n) ? writes[written % writes.length] : reads[(n - written) % reads.length]
}

/** Takes turns by share, each as often as is due, as evenly as can be: the one with the most credit is next. */
function turnsOf(members) {
  const sum = members.reduce((total, index) => total + requests[index].share, 0)
  const credit = members.map(() => 0)
  return Array.from({ length: members.length < 2 ? members.length : 1000 }, () => {
    members.forEach((index, i) => {
      credit[i] += requests[index].share / sum
    })
    const next = credit.indexOf(Math.max(...credit))
    credit[next] -= 1
    return members[next]
  })
}
