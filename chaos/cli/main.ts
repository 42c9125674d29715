/**
 * The command line. Exit status: 0 met, 1 missed, 2 inconclusive, 3 environment not ready, 4 bad usage, 70 our bug, 130
 * interrupted.
 */
import packageJson from '../../package.json' with { type: 'json' }
import '../../setup/guarded.mjs'
import { workRoot } from '../roots.ts'
import { addTrialCommands } from './commands-trials.ts'
import { addWorldCommands } from './commands-world.ts'
import { codeOf } from './failure.ts'
import './loopback.ts'
import { Command } from 'commander'
import { say } from './output.ts'

const program = new Command('blackstart')
  .description(
    'Brings up a multi-region system, breaks it on purpose while clients use it, and proves how long it takes to recover and what is lost.',
  )
  .version(packageJson.version)
  .exitOverride()
  .configureOutput({ writeErr: (text) => say(text.replace(/\n$/, '')) })
  .showSuggestionAfterError()
  // A wrong BLACKSTART_WORK_DIR is reported before anything is done.
  .hook('preAction', () => void workRoot())
  .showHelpAfterError('("blackstart --help" lists everything)')
  .addHelpText(
    'after',
    `
Exit status: 0 met, 1 missed, 2 inconclusive, 3 environment not ready, 4 bad usage, 70 a bug in Blackstart, 130 interrupted and healed.

Examples:
  $ npx blackstart demo                        bring up, lose a region, judge, take down
  $ npx blackstart up                          a world to keep
  $ npx blackstart run region-blackhole --trials 5   five trials in it
  $ npx blackstart fault kill region:primary   by hand, in a world that is up
  $ npx blackstart judge last --json           the verdict again, from the journal alone`,
  )

addTrialCommands(program)
addWorldCommands(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = codeOf(error)
}
// Sockets of observers that were cut off may linger; the work is done and said.
process.exit()
