/** Options that several commands have. */
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { InvalidArgumentError, Option } from 'commander'
import { checkWorldName } from '../world/settings.ts'

const worldNamed = (given: string): string => {
  checkWorldName(given)
  return given
}
export const world = (name = 'blackstart') =>
  new Option('--world <name>', 'name of the world').argParser(worldNamed).default(name)
export const json = () => new Option('--json', 'machine-readable output on stdout')
export const ui = () =>
  new Option('--ui', 'the control room beside it: a page that shows what happens, and stays until you have looked')
export const uiPort = () =>
  new Option('--ui-port <n>', 'as --ui, at this port; default: any').argParser(wholeNumber(1, 65_535))
export const files = () =>
  new Option('-f, --file <file...>', 'Compose files to merge, instead of docker-compose.yml').argParser(existing)

export function seedOption(): Option {
  return new Option('--seed <n>', 'seed for the random moment of the fault within one heartbeat').argParser(
    wholeNumber(0, 2 ** 31 - 1),
  )
}

function existing(file: string, before: string[] = []): string[] {
  if (!existsSync(file)) throw new InvalidArgumentError('there is no such file.')
  return [...before, resolve(file)]
}

export function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (!/^\d+$/.test(text) || number < low || number > high)
      throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}.`)
    return number
  }
}

/** The command's exit status is what its work came to. */
export async function exitWith(code: Promise<number>): Promise<void> {
  process.exitCode = await code
}
