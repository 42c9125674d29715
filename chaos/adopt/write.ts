/** A draft as the text of a `blackstart.yaml`: short lines, each part with what is to be known of it. */
import { Document, isMap, isScalar, isSeq, Scalar, visit, type YAMLMap } from 'yaml'
import type { WorldFile } from '../worldfile/schema.ts'
import type { Draft } from './draft.ts'
import type { Todo } from './todo.ts'

const about: Record<string, string> = {
  compose: 'Your own Compose file; it is never changed.',
  sites:
    'Which service stands where. Regions can be lost; "edge" is where clients stand, "witness" stands in no region.',
  leaveOut: 'Services that the world does without.',
  links: 'How sites reach each other. proxy: connections are relayed. route: packets are passed on.',
  ports: 'Ports that links carry, besides those that the Compose file or the image tells.',
  roles: 'What a service is, where it is neither an application nor a database.',
  clients: 'Where clients enter, and what they ask.',
  databases: 'Which services are databases, and how they may be asked. Passwords stay in .env.',
  ready: 'What must answer 2xx before anything is broken.',
}

/** @param schema the way from the file to its JSON schema, for editors */
export function worldFileText({ world, todo }: Draft, schema: string): string {
  const document = new Document(shortened(world))
  const root = document.contents as unknown as YAMLMap<Scalar<string>>
  for (const [index, { key }] of root.items.entries()) {
    key.spaceBefore = index > 0
    key.commentBefore = commentOf([
      ...[about[key.value]].filter((line) => line !== undefined),
      ...todoLines(todo.filter((each) => each.key === key.value)),
    ])
  }
  const homeless = todo.filter(({ key }) => !root.items.some((item) => item.key.value === key))
  if (homeless.length > 0) document.comment = commentOf(todoLines(homeless))
  layOut(document)
  document.commentBefore = ` yaml-language-server: $schema=${schema}`
  return compact(document.toString({ lineWidth: 120, flowCollectionPadding: true }))
}

/** `[a, b]` instead of `[ a, b ]`, outside of quotes and comments. */
function compact(text: string): string {
  return text.replaceAll(/^\s*#.*$|'[^'\n]*'|"[^"\n]*"|\[ | \]/gm, (found) =>
    found === '[ ' || found === ' ]' ? found.trim() : found,
  )
}

/** Without what is said by leaving it out. */
function shortened({
  compose,
  profiles,
  sites,
  leaveOut,
  links,
  ports,
  roles,
  clients,
  databases,
  audit,
  ready,
}: WorldFile): Record<string, unknown> {
  return {
    compose,
    ...(profiles && { profiles }),
    sites,
    ...(leaveOut && { leaveOut }),
    links,
    ...(Object.keys(ports).length > 0 && { ports }),
    ...(Object.keys(roles).length > 0 && { roles }),
    ...(clients && { clients: { ...clients, ...(clients.requests && { requests: clients.requests.map(requestOf) }) } }),
    ...(databases.length > 0 && { databases }),
    ...(audit && { audit }),
    ...(ready && { ready }),
  }
}

function requestOf({
  write,
  method,
  ...rest
}: NonNullable<NonNullable<WorldFile['clients']>['requests']>[number]): object {
  return { ...rest, ...(write && { write }), ...(method !== 'GET' && { method }) }
}

function todoLines(todo: readonly Todo[]): string[] {
  return todo.flatMap(({ text, example }) => [
    `TODO ${text}`,
    ...(example?.split('\n').map((line) => `  ${line}`) ?? []),
  ])
}

function commentOf(lines: readonly string[]): string {
  return lines
    .flatMap((line) => wrapped(line))
    .map((line) => ` ${line}`)
    .join('\n')
}

/** Examples stay whole, since they are to be copied. */
function wrapped(line: string): string[] {
  if (line.startsWith(' ') || line.length <= 118) return [line]
  const at = line.lastIndexOf(' ', 118)
  return [line.slice(0, at), ...wrapped(line.slice(at + 1))]
}

/** Lists of names and small maps in one line; texts that hold braces in quotes. */
function layOut(document: Document): void {
  visit(document, {
    Seq(_key, list) {
      list.flow = list.items.every((item) => isScalar(item))
    },
    Map(_key, map, path) {
      const isSmall = map.items.every(({ value }) => isScalar(value) || isSmallList(value))
      map.flow = path.length > 1 && isSmall && JSON.stringify(map).length < 110
    },
    Scalar(_key, scalar) {
      if (typeof scalar.value === 'string' && /[{}[\],&*#]|: /.test(scalar.value)) scalar.type = Scalar.QUOTE_SINGLE
    },
  })
  const root = document.contents
  // Sections stand in lines of their own, however short.
  if (isMap(root))
    for (const { value } of root.items)
      if (isMap(value) || (isSeq(value) && value.items.some(isMap))) value.flow = false
}

function isSmallList(value: unknown): boolean {
  return isSeq(value) && value.items.length < 12 && value.items.every((item) => isScalar(item))
}
