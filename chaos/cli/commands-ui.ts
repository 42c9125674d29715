/** The control room: `ui`, and what `--ui` of other commands starts. What a command does is loaded when it is called. */
import { type Command, Option } from 'commander'
import { exitWith, wholeNumber, world } from './options.ts'

const port = () => new Option('--port <n>', 'the port on this machine; default: any').argParser(wholeNumber(1, 65_535))

export function addUiCommands(program: Command): void {
  addUi(program)
  addPage(program)
}

/** What `--ui` starts. */
function addPage(program: Command): void {
  program
    .command('page', { hidden: true })
    .addOption(world())
    .addOption(port())
    .option('--after <run>')
    .action(async (options) => {
      const { pageCommand } = await import('./page.ts')
      await exitWith(pageCommand(options))
    })
}

function addUi(program: Command): void {
  program
    .command('ui')
    .description('open the control room: a page that shows what happens in a world while it happens, and takes orders')
    .addOption(world())
    .addOption(port())
    .option('--no-open', 'only print the address')
    .addHelpText(
      'after',
      `
The page follows the newest run in runs/, whoever started it, and shows older ones. It is served on this machine only,
to whoever has the address with the key in it.

Examples:
  $ npx blackstart ui
  $ npx blackstart ui --port 8080 --no-open

run, demo, replay and fault open it beside them with --ui.`,
    )
    .action(async (options) => {
      const { uiCommand } = await import('./ui.ts')
      await exitWith(uiCommand(options))
    })
}
