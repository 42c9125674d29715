/**
 * Who may speak to the page's server: a browser on this machine that was given the address with its token. Pure.
 *
 * The token comes once, in the address; from then on it is a cookie that scripts cannot read and that no other site's
 * request carries. `Host` and `Origin` are checked besides: a foreign name that was made to resolve to this machine (DNS
 * rebinding) names itself in `Host`, and a foreign page that posts names itself in `Origin`.
 */
import { timingSafeEqual } from 'node:crypto'
import { loopback } from '../topology/topology.ts'

/** What a request says of itself. */
export interface Asking {
  method: string
  host: string | undefined
  origin: string | undefined
  cookie: string | undefined
  /** The token in the address, where it has one. */
  key?: string | undefined
}

export interface Refusal {
  status: 401 | 403 | 421
  reason: string
}

export interface Guard {
  /** Why this request is refused; undefined when it is not. */
  refuses(asking: Asking): Refusal | undefined
  /** The header that keeps the token. */
  readonly setCookie: string
  /** Of the page, once the port is known. */
  readonly address: string
}

export function guardOf({ token, port }: { token: string; port: number }): Guard {
  const hosts = [`${loopback}:${port}`, `localhost:${port}`]
  // Cookies do not tell ports apart: two rooms on one machine must not take each other's.
  const name = `blackstart-${port}`
  return {
    address: `http://${hosts[0]}/?key=${token}`,
    setCookie: `${name}=${token}; HttpOnly; SameSite=Strict; Path=/`,
    refuses({ method, host, origin, cookie, key }) {
      if (host === undefined || !hosts.includes(host))
        return { status: 421, reason: `this is ${hosts[0]}, and the request was for ${host ?? 'nobody'}` }
      const asks = method === 'GET' || method === 'HEAD'
      if (origin === undefined ? !asks : origin !== `http://${host}`)
        return { status: 403, reason: 'orders are taken from this page only, not from another site' }
      if (isSame(key, token) || isSame(cookieNamed(name, cookie), token)) return undefined
      return {
        status: 401,
        reason: 'open the address that "blackstart ui" printed, with the key in it: this browser does not have it',
      }
    },
  }
}

function cookieNamed(name: string, header = ''): string | undefined {
  const pair = header.split(/;\s*/).find((each) => each.startsWith(`${name}=`))
  return pair?.slice(name.length + 1)
}

/** In the same time whatever was guessed. */
function isSame(given: string | undefined, token: string): boolean {
  if (given === undefined || Buffer.byteLength(given) !== Buffer.byteLength(token)) return false
  return timingSafeEqual(Buffer.from(given), Buffer.from(token))
}
