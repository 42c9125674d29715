/** Where clients enter: by a router, else by the applications themselves. */
import type { Reason } from './draft.ts'
import { entryPorts, type Guess } from './kinds.ts'
import type { Member } from './places.ts'

export interface Entries {
  enter: string[]
  ready?: Guess<string>
  reasons: Reason[]
}

/** @param said what the user said, which needs no reason */
export function entriesOf(members: readonly Member[], said: readonly string[]): Entries {
  if (said.length > 0)
    return {
      enter: [...said],
      reasons: [{ about: 'clients', guess: `enter ${said.join(', ')}`, because: 'you said so' }],
    }
  const routers = at(members, 'http router')
  const found = routers.length > 0 ? routers : at(members, 'app')
  const ready = found.map(({ member, url }) => readyAt(member, url)).find((each) => each !== undefined)
  return {
    enter: found.map(({ url }) => url),
    ...(ready && { ready }),
    reasons: [
      ...found.map(({ member, url }) => ({
        about: 'clients',
        guess: `enter ${url}`,
        because: `${member.of ?? member.name} publishes that port${member.kind === 'app' ? ', and nothing stands before it' : ''}`,
      })),
      ...(ready ? [{ about: 'ready', guess: ready.is, because: ready.because }] : []),
    ],
  }
}

function at(members: readonly Member[], kind: Member['kind']): { member: Member; url: string }[] {
  return members.flatMap((member) => {
    const [port] = member.kind === kind && member.given.network_mode === undefined ? entryPorts(member) : []
    // A name such as "7" is an address of its own in a URL.
    if (port === undefined || new URL(`http://${member.name}`).hostname !== member.name) return []
    const scheme = port === 443 || port === 8443 ? 'https' : 'http'
    const isUsual = port === (scheme === 'https' ? 443 : 80)
    return [{ member, url: `${scheme}://${member.name}${isUsual ? '' : `:${port}`}` }]
  })
}

/** The path of its health check is an answer that it is ready. */
function readyAt({ name, health }: Member, url: string): Guess<string> | undefined {
  const path = /https?:\/\/(?:localhost|127(?:\.\d+){3})(?::\d+)?(\/[\w./-]+)/.exec(health)?.[1]
  return path === undefined ? undefined : { is: `${url}${path}`, because: `the health check of ${name} asks there` }
}
