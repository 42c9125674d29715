// Runs inside k6, behind module.js: plays the requests that a blackstart.yaml declares. Which request is due is a matter
// of the arrival's number alone.

import { attempt, keyOf } from 'blackstart/k6'
import exec from 'k6/execution'
import http from 'k6/http'

const requests = JSON.parse(__ENV.REQUESTS)
const rate = Number(__ENV.RATE)
const writeShare = Number(__ENV.WRITE_SHARE)
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

/** Writes are spread as script.js spreads them: every prefix of the schedule has its share of them. */
function writesUpTo(n) {
  return Math.floor(n * writeShare)
}

function isWrite(n) {
  return writesUpTo(n + 1) > writesUpTo(n)
}

function requestOf(n) {
  const written = writesUpTo(n)
  return isWrite(n) ? writes[written % writes.length] : reads[(n - written) % reads.length]
}

/** A write that was due 0.1 to 0.3 s before, as in script.js: acknowledged by then, if all is well. */
function recentWrite(n) {
  if (writeShare === 0) return n
  let write = n - Math.max(1, Math.round((0.1 + 0.2 * spreadOf(n)) * rate))
  while (write >= 0 && !isWrite(write)) write--
  return write < 0 ? n : write
}

/** 0 to 1, by a hash of whole numbers (https://github.com/skeeto/hash-prospector). */
function spreadOf(n) {
  let hash = Math.imul(n ^ (n >>> 15), 0x2c1b3c6d)
  hash = Math.imul(hash ^ (hash >>> 12), 0x297a2d39)
  return ((hash ^ (hash >>> 15)) >>> 0) / 4294967296
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
