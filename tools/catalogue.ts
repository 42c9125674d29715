/** Writes chaos/faults/catalogue.ts from the files beside it. Each exports one fault kind. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Fault } from '../chaos/faults/fault.ts'

const folder = fileURLToPath(new URL('../chaos/faults/', import.meta.url))
/** Files of the folder that hold no kind. */
const others = ['fault.ts', 'reach.ts', 'options.ts', 'relayed.ts', 'catalogue.ts']
interface Found {
  file: string
  exported: string
  fault: Fault
}

/** @throws Error naming a file that does not hold the one kind that its name promises */
async function kinds(): Promise<Found[]> {
  const files = readdirSync(folder).filter((file) => file.endsWith('.ts') && !others.includes(file))
  const found = await Promise.all(files.map(kindIn))
  const places = [...readFileSync(join(folder, 'catalogue.ts'), 'utf8').matchAll(/^ {2}'?([\w-]+)/gm)].map(
    ([, key]) => key,
  )
  // The order of lists and tables is that of the catalogue: known kinds keep their place, and new ones come last.
  const place = ({ exported, fault }: Found): number => {
    const at = places.findIndex((key) => key === fault.kind || key === exported)
    return at === -1 ? places.length : at
  }
  return found.toSorted((a, b) => place(a) - place(b) || a.fault.kind.localeCompare(b.fault.kind))
}

async function kindIn(file: string): Promise<Found> {
  const module = (await import(new URL(`../chaos/faults/${file}`, import.meta.url).href)) as Record<string, unknown>
  const faults = Object.entries(module).filter((entry): entry is [string, Fault] => isFault(entry[1]))
  const [first] = faults
  if (!first || faults.length > 1)
    throw new Error(`chaos/faults/${file} exports ${faults.length} fault kinds; expected one, made with faultKind()`)
  const [exported, fault] = first
  if (`${fault.kind}.ts` !== file)
    throw new Error(`chaos/faults/${file} holds the kind "${fault.kind}": call the file ${fault.kind}.ts`)
  return { file, exported, fault }
}

function isFault(value: unknown): value is Fault {
  return typeof value === 'object' && value !== null && 'kind' in value && 'models' in value && 'prepare' in value
}

/** The text of chaos/faults/catalogue.ts. */
export async function catalogueText(): Promise<string> {
  const found = await kinds()
  const imports = found.map(({ file, exported }) => `import { ${exported} } from './${file}'`).toSorted()
  const entries = found.map(({ exported, fault }) =>
    exported === fault.kind
      ? `  ${exported},`
      : `  ${/^\w+$/.test(fault.kind) ? fault.kind : `'${fault.kind}'`}: ${exported},`,
  )
  return [
    '/** Every fault kind there is, by name. Made by "npm run generate" from the files beside this one. */',
    ...imports,
    '',
    'export const catalogue = {',
    ...entries,
    '}',
    '',
  ].join('\n')
}
