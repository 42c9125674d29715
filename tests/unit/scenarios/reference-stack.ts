/** The topology of the reference world by its Compose files, read the way Compose reads them with an empty environment. */
import { readFileSync } from 'node:fs'
import { parse } from 'yaml'
import { plannedTopology } from '../../../chaos/topology/planned.ts'

interface Service {
  extends?: { file: string; service: string }
  labels?: Record<string, unknown>
}
interface Compose {
  include?: string[]
  services?: Record<string, Service>
}

function compose(path: string): Compose {
  const text = readFileSync(new URL(`../../../${path}`, import.meta.url), 'utf8')
  // As with an empty environment: ${NAME:-default}.
  return parse(text.replace(/\$\{\w+:-([^}]*)\}/g, '$1'), { merge: true }) as Compose
}

function labelsOf(service: Service): Record<string, string> {
  const base = service.extends
    ? compose(`regions/${service.extends.file}`).services?.[service.extends.service]
    : undefined
  if (service.extends && !base)
    throw new Error(`there is no service ${service.extends.service} in regions/${service.extends.file}`)
  const own = Object.fromEntries(Object.entries(service.labels ?? {}).map(([key, value]) => [key, String(value)]))
  return { ...(base && labelsOf(base)), ...own }
}

export const included = compose('docker-compose.yml').include ?? []
export const services = Object.fromEntries(
  included.flatMap((path) =>
    Object.entries(compose(path).services ?? {}).map(([service, definition]) => [
      service,
      { labels: labelsOf(definition) },
    ]),
  ),
)
export const reference = plannedTopology('blackstart', services)
