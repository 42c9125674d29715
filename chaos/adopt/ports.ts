/** Ports at which services listen although neither their file nor their image says so. */
import { portsOf } from '../generate/ports.ts'
import type { WorldFile } from '../worldfile/schema.ts'
import type { Guess } from './kinds.ts'
import type { Member } from './places.ts'
import type { Seen } from './service.ts'

/** "api:3000" in somebody's variable, command or configuration: who speaks of which port of whom. */
export interface Mention {
  by: string
  of: string
  port: number
}

export function mentionsIn(services: readonly Seen[]): Mention[] {
  const names = new Map(
    services.flatMap((service) =>
      [service.name, service.given.container_name, service.given.hostname].flatMap((name) =>
        name === undefined ? [] : [[name, service.name] as const],
      ),
    ),
  )
  const found = services.flatMap((service) =>
    [service.command, service.configs, ...Object.values(service.environment)].flatMap((text) =>
      [...text.matchAll(/(?<![\w.-])([A-Za-z][\w.-]*):(\d{2,5})(?![\w.:])/g)].flatMap(
        ([, name = '', port]): Mention[] => {
          const of = names.get(name)
          const number = Number(port)
          return of === undefined || of === service.name || number > 65_535
            ? []
            : [{ by: service.name, of, port: number }]
        },
      ),
    ),
  )
  return [...new Map(found.map((each) => [`${each.by} ${each.of} ${each.port}`, each])).values()]
}

/** For `ports` of the world file: what others call a service by, or its own variables or health check tell. */
export function portsUnseen(
  members: readonly Member[],
  { world, mentions }: { world: WorldFile; mentions: readonly Mention[] },
): Map<string, Guess<number[]>> {
  const found = new Map<string, Guess<number[]>>()
  for (const { name, of, given, environment, health, kind } of members) {
    if (kind === 'job') continue
    const seen = portsOf(name, given, world)
    const service = of ?? name
    const mentioned = mentions.filter((each) => each.of === service && !seen.includes(each.port))
    if (mentioned.length > 0) {
      const ports = [...new Set(mentioned.map(({ port }) => port))]
      // `ports` adds to what the file says, but takes the place of what the image is known for.
      found.set(name, {
        is: [...seen, ...ports],
        because: `${mentioned[0]?.by} speaks to ${service}:${mentioned[0]?.port}`,
      })
    } else if (seen.length === 0) {
      const own = ownPort(environment, health)
      if (own) found.set(name, own)
    }
  }
  return found
}

function ownPort(environment: Record<string, string>, health: string): Guess<number[]> | undefined {
  const [variable, value] =
    Object.entries(environment).find(
      ([key, text]) => /^(HTTP_|APP_|SERVER_)?PORT$/.test(key) && /^\d{2,5}$/.test(text),
    ) ?? []
  if (value !== undefined) return { is: [Number(value)], because: `its variable ${variable} is ${value}` }
  const port = /(?:localhost|127(?:\.\d+){3}|\[::1\]):(\d{2,5})/.exec(health)?.[1]
  return port === undefined ? undefined : { is: [Number(port)], because: 'its health check asks there' }
}
