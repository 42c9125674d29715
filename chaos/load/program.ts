/** Which program k6 runs: our own, the declared requests, or a script of the user's with our module in front of it. */
import { readFile } from 'node:fs/promises'
import { UsageError } from '../errors.ts'
import type { WorldFile } from '../worldfile/schema.ts'

/** What a world file says of clients, with the text of the script that it names. */
export type Clients = NonNullable<WorldFile['clients']> & { scriptText?: string | undefined }

const ownImport = /^[ \t]*import\s*\{([^}]*)\}\s*from\s*['"]blackstart\/k6['"];?[ \t]*$/gm
const ownOptions = /^export\s+(?:const|let|var)\s+options\s*=/m

/** The program, and what it reads from its environment. */
export async function programOf(
  clients: Clients | undefined,
): Promise<{ text: string; environment: Record<string, string> }> {
  if (clients?.requests === undefined && clients?.scriptText === undefined)
    return { text: await onSchedule('script.js'), environment: {} }
  const script = clients.scriptText ?? (await onSchedule('requests.js'))
  return {
    text: bound(script, await fileOf('module.js'), clients.script ?? 'requests.js'),
    environment: {
      ENTRIES: JSON.stringify(clients.enter.map((url) => url.replace(/\/$/, ''))),
      ...(clients.requests && { REQUESTS: JSON.stringify(clients.requests) }),
    },
  }
}

/**
 * The script as k6 can run it: k6 reads one file and knows no packages, so that our module stands in front of it.
 * @throws UsageError when it cannot be bound, with what to change
 */
export function bound(script: string, module: string, name: string): string {
  if (!/['"]blackstart\/k6['"]/.test(script))
    throw new UsageError(
      `${name} does not import from 'blackstart/k6', so that nobody would see what its clients see: add import { attempt } from 'blackstart/k6'`,
    )
  if (/^export\s+(?:async\s+)?(?:function|const|let|var)\s+handleSummary\b/m.test(script))
    throw new UsageError(`${name} exports handleSummary, which Blackstart needs for itself: leave it out`)
  if (!/^export\s+default\b|^export\s*\{[^}]*\bas\s+default\b/m.test(script))
    throw new UsageError(`${name} exports no default function: k6 calls it for each arrival`)
  const withModule = script
    .replace(ownImport, (_, names: string) => `const {${names.replace(/\bas\b/g, ':')}} = blackstart`)
    .replace(ownOptions, 'const blackstartOwnOptions =')
  if (/from\s*['"]blackstart\/k6['"]/.test(withModule))
    throw new UsageError(`${name}: write the import as import { attempt } from 'blackstart/k6'`)
  const options = ownOptions.test(script) ? 'blackstartOwnOptions' : '{}'
  return [
    module,
    withModule,
    `export const options = blackstart.options(${options})`,
    'export const handleSummary = blackstart.summary',
    '',
  ].join('\n')
}

/** A script of ours, with what it needs to know of the schedule in front of it. */
async function onSchedule(name: string): Promise<string> {
  return `${await fileOf('arrivals.js')}\n${await fileOf(name)}`
}

function fileOf(name: string): Promise<string> {
  return readFile(new URL(`./${name}`, import.meta.url), 'utf8')
}

/** Share of all arrivals that write; undefined where nobody declares requests. */
export function writeShareOf({ requests }: Pick<Clients, 'requests'>): number | undefined {
  if (requests === undefined) return undefined
  const share = requests.filter(({ write }) => write).reduce((sum, request) => sum + request.share, 0)
  // Decimal fractions that sum to 0.30000000000000004 are meant as 0.3.
  return Math.min(1, Math.round(share * 1e9) / 1e9)
}
