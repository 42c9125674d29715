/** Whether a node's port accepts connections, in any protocol. */
import { connect } from 'node:net'
import { type Endpoint, endpointIfAny, firstEndpoint, type Node } from '../topology/topology.ts'

const limitMs = 500

/** Whether something accepts connections there. A closed port refuses at once. */
export function accepts(endpoint: Endpoint | undefined): Promise<boolean> {
  if (endpoint === undefined) return Promise.resolve(false)
  return new Promise((resolve) => {
    const socket = connect(endpoint)
    const done = (value: boolean) => {
      socket.destroy()
      resolve(value)
    }
    socket.setTimeout(limitMs, () => done(false))
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })
}

/**
 * For how long a connection has to stay. The engine accepts for a node that does not listen, and then closes: on a busy
 * machine it was seen to take more than 150 ms for that.
 */
const stayMs = 500

/** Whether something listens there, whatever it speaks: it says a word, or keeps the connection. */
export function staysOpen(endpoint: Endpoint | undefined): Promise<boolean> {
  if (endpoint === undefined) return Promise.resolve(false)
  return new Promise((resolve) => {
    const socket = connect(endpoint)
    const done = (value: boolean) => {
      clearTimeout(limit)
      clearTimeout(stay)
      socket.destroy()
      resolve(value)
    }
    const limit = setTimeout(done, limitMs + stayMs, false)
    let stay: NodeJS.Timeout | undefined
    socket.once('connect', () => {
      stay = setTimeout(done, stayMs, true)
    })
    socket.once('data', () => done(true))
    socket.once('error', () => done(false))
    socket.once('close', () => done(false))
  })
}

/**
 * Whether a node says anything at all to a client of its kind within half a second: a database to the question for
 * encryption, which it answers before any log-in; a router's console to a question about itself; all others to HTTP.
 */
export async function answersAtAll(node: Node): Promise<boolean> {
  const endpoint = firstEndpoint(node)
  if (endpoint === undefined) return false
  const isFor = (purpose: string) => endpointIfAny(node, purpose)?.port === endpoint.port
  const question = isFor('sql') ? sslRequest : isFor('stats') ? 'show version\n' : 'GET / HTTP/1.0\r\n\r\n'
  return answers(endpoint, question)
}

/** Whether as much as a byte comes back within the limit. */
function answers(endpoint: Endpoint, question: string | Buffer): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(endpoint)
    const done = (value: boolean) => {
      clearTimeout(limit)
      socket.destroy()
      resolve(value)
    }
    const limit = setTimeout(done, limitMs, false)
    socket.once('connect', () => socket.write(question))
    socket.once('data', () => done(true))
    socket.once('error', () => done(false))
    socket.once('close', () => done(false))
  })
}

/** PostgreSQL's SSLRequest: its length, and a number that is no protocol version. */
const sslRequest = Buffer.from([0, 0, 0, 8, 4, 210, 22, 47])
