/**
 * The command line. Exit status: 0 met, 1 missed, 2 inconclusive, 3 environment not ready, 4 bad usage, 70 our bug, 130
 * interrupted.
 */
import '../../setup/guarded.mjs'
import './loopback.ts'
import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import packageJson from '../../package.json' with { type: 'json' }
import { diagnose, exitCodeOf } from '../../setup/doctor.mjs'
import { BlackstartError, messageOf, nearest } from '../errors.ts'
import { fileProblem } from '../files.ts'
import { jsonText } from '../report/outlet.ts'
import { palette, wantsColour } from '../report/text.ts'
import { workRoot } from '../roots.ts'
import { scenarios } from '../scenarios/library/index.ts'
import { checkWorldName } from '../world/settings.ts'
import { describeScenario } from './describe.ts'
import { drillCommand } from './drill.ts'
import { faultCommand, kindsHelp } from './fault.ts'
import { healCommand } from './heal.ts'
import { isInterruption } from './interrupt.ts'
import { listAll, runRow } from './list.ts'
import { newScenario, templateNames } from './new.ts'
import { data, dataRendered, jsonData, say } from './output.ts'
import { replayCommand } from './replay.ts'
import { judgeRun, reportRun } from './reread.ts'
import { isScenarioFile, loadScenario } from './scenario.ts'
import { statusCommand } from './status.ts'
import { runChosen } from './suites.ts'
import { runTrials } from './trials.ts'
import { bringWorldUp, takeWorldDown } from './worlds.ts'

const program = new Command('blackstart')
  .description(
    'Brings up a multi-region system, breaks it on purpose while clients use it, and proves how long it takes to recover and what is lost.',
  )
  .version(packageJson.version)
  .exitOverride()
  .configureOutput({ writeErr: (text) => say(text.replace(/\n$/, '')) })
  .showSuggestionAfterError()
  // A wrong BLACKSTART_WORK_DIR is told before anything is done.
  .hook('preAction', () => void workRoot())
  .showHelpAfterError('("blackstart --help" lists everything)')
  .addHelpText(
    'after',
    `
Exit status: 0 met, 1 missed, 2 inconclusive, 3 environment not ready, 4 bad usage, 70 a bug of ours, 130 interrupted and healed.

Examples:
  $ npx blackstart demo                        bring up, lose a region, judge, take down
  $ npx blackstart up                          a world to keep
  $ npx blackstart run region-blackhole --trials 5   five trials in it
  $ npx blackstart fault kill region:primary   by hand, in a world that is up
  $ npx blackstart judge last --json           the verdict again, from the journal alone`,
  )

const worldNamed = (given: string): string => {
  checkWorldName(given)
  return given
}
const world = (name = 'blackstart') =>
  new Option('--world <name>', 'name of the world').argParser(worldNamed).default(name)
const json = () => new Option('--json', 'machine-readable output on stdout')
const files = () =>
  new Option('-f, --file <file...>', 'Compose files to merge, instead of docker-compose.yml').argParser(existing)

program
  .command('demo')
  .description('bring up a world, lose the region that holds the primary, judge, report, take the world down')
  .addOption(
    new Option('--scenario <name>', 'what to show: a name ("blackstart list") or a file').default('region-kill'),
  )
  .addOption(world('blackstart-demo'))
  .option('--keep', 'leave the world up', false)
  .addOption(seedOption())
  .addOption(json())
  .action((options) => exitWith(demo(options)))

program
  .command('run')
  .description(
    'run a scenario, or several in one world; brings a world up for it when there is none, and takes that one down again',
  )
  .argument('[scenario...]', 'their names ("blackstart list"), or files: .yaml, .json or .ts')
  .option('--suite <name>', 'instead of names: smoke (every push), core (every merge) or full (every night)')
  .option('--tag <tag...>', 'instead of names: scenarios with any of these tags; with --suite, those of the suite')
  .option('--shard <part>', 'only this part, such as 2/5; all parts take about equally long')
  .option('--bail', 'stop at the first that is missed', false)
  .option('--allow-skip <name...>', 'scenarios that may be skipped where their faults cannot run')
  .addOption(new Option('--trials <n>', 'how many of each').argParser(wholeNumber(1, 1000)).default(1))
  .addOption(seedOption())
  .addOption(world())
  .addOption(files())
  .addOption(json())
  .option('--keep', 'leave the world up', false)
  .addHelpText(
    'after',
    `
Examples:
  $ npx blackstart run region-kill
  $ npx blackstart run region-blackhole --trials 5 --json > verdicts.ndjson
  $ npx blackstart run --suite core --shard 2/3`,
  )
  .action((names: string[], options) =>
    exitWith(
      runChosen(names, { ...options, files: options.file, json: options.json ?? false }, (name) =>
        loadScenario(name, { files: options.file, world: options.world }),
      ),
    ),
  )

program
  .command('judge')
  .description("judge a run's journal again; needs no Docker")
  .argument('[run]', 'a run folder, its name, or "last"', 'last')
  .addOption(json())
  .action((run: string, options) => exitWith(judgeRun(run, options.json ?? false)))
program
  .command('report')
  .description("render a run's report.html again; prints its path")
  .argument('[run]', 'a run folder, its name, or "last"', 'last')
  .action((run: string) => exitWith(reportRun(run)))
program
  .command('list')
  .description('list scenarios and runs')
  .addOption(json())
  .action((options) => listAll(options.json ?? false))
program
  .command('show')
  .description("show a scenario's time line, or a run's verdict, without running anything")
  .argument('<name>', 'a scenario, a file of one, a run, or "last"')
  .addOption(files())
  .addOption(json())
  .action((name: string, options) => exitWith(show(name, { files: options.file, asJson: options.json ?? false })))
program
  .command('new')
  .description('write a scenario file to start from; overwrites nothing')
  .argument('<name>', 'of the scenario, in kebab-case')
  .option('--template <name>', `what to start from: ${templateNames().join(', ')}`, 'region-loss')
  .option(
    '--typescript',
    'TypeScript instead of YAML: a name that the reference world does not have is a type error',
    false,
  )
  .option('--out <path>', 'the file, or the folder for it')
  .addHelpText(
    'after',
    '\nExamples:\n  $ npx blackstart new lose-a-region\n  $ npx blackstart new cut --template partition --out drills/',
  )
  .action((name: string, options) => newScenario({ ...options, name }))

program
  .command('up')
  .description('bring up a world and wait until it is ready')
  .addOption(world())
  .addOption(files())
  .addOption(json())
  .action((options) => exitWith(bringWorldUp(options.world, options.file, options.json ?? false)))
program
  .command('down')
  .description('remove a world: its containers, networks and volumes')
  .addOption(world())
  .action((options) => exitWith(takeWorldDown(options.world)))
program
  .command('status')
  .description('show the state of a world: what is broken, who plays which role, which links answer')
  .addOption(world())
  .addOption(json())
  .option('-w, --watch', 'look again every second, until Ctrl-C', false)
  .action((options) => exitWith(statusCommand({ ...options, json: options.json ?? false })))
program
  .command('fault')
  .description(
    'break something in a world that is up; the first fault begins a drill, whose journal ends with the last heal',
  )
  .argument('<kind>', 'what to do to it: kill, pause, blackhole, slow …')
  .argument('<target>', 'to whom: by role (region:primary, standbys, link:primary-other) or by name (east, pg-east-a)')
  .option('--for <length>', 'heal it after this long, such as 30s; otherwise "blackstart heal" does')
  .option('--with <key=value...>', 'what the kind is told, such as latencyMs=80 or direction=out')
  .addOption(
    new Option('--rate <n>', 'requests a second of the clients of a drill that this begins').argParser(
      wholeNumber(1, 10_000),
    ),
  )
  .addOption(world())
  .addOption(json())
  .addHelpText(
    'after',
    `
Kinds, and what they are told:
${kindsHelp()}

Examples:
  $ npx blackstart fault kill region:primary --for 30s
  $ npx blackstart fault slow link:east-west --with latencyMs=80ms
  $ npx blackstart fault partial east --with from=west,witness
  $ npx blackstart heal f1                     one of them
  $ npx blackstart heal                        all of them; the drill ends with its verdict
  $ npx blackstart replay last                 the same again`,
  )
  .action((kind: string, target: string, options) =>
    exitWith(faultCommand(kind, target, { ...options, json: options.json ?? false })),
  )
program
  .command('heal')
  .description('undo one fault, or every fault in a world, whoever injected it')
  .argument('[id]', 'of the fault, as "fault" and "status" tell it; without it, all')
  .addOption(world())
  .option('--all', 'all, which is what happens without an id', false)
  .action((id: string | undefined, options) => exitWith(healCommand(id, options)))
program
  .command('replay')
  .description('do the faults of a run, or of a drill, again at the same offsets, and show both runs beside each other')
  .argument('[run]', 'a run folder, its name, or "last"', 'last')
  .addOption(
    new Option('--resolve <how>', 'roles: whoever plays the role now; names: those who were hit then')
      .choices(['roles', 'names'])
      .default('roles'),
  )
  .addOption(world())
  .addOption(files())
  .addOption(json())
  .option('--keep', 'leave the world up', false)
  .action((run: string, options) =>
    exitWith(replayCommand(run, { ...options, files: options.file, json: options.json ?? false })),
  )
program
  .command('drill', { hidden: true })
  .addOption(world())
  .addOption(new Option('--rate <n>').argParser(wholeNumber(1, 10_000)))
  .action((options) => exitWith(drillCommand(options.world, { ratePerSecond: options.rate })))
program
  .command('doctor')
  .description('check what this machine needs, all of it at once')
  .addOption(json())
  .action((options) => exitWith(doctor(options.json ?? false)))

async function demo({
  scenario,
  ...options
}: Omit<Parameters<typeof runTrials>[0], 'scenario' | 'trials'> & { scenario: string }): Promise<number> {
  return runTrials({
    ...options,
    scenario: await loadScenario(scenario, { world: options.world }),
    trials: 1,
    json: options.json ?? false,
  })
}

async function show(name: string, { files, asJson }: { files?: string[]; asJson: boolean }): Promise<number> {
  if (isScenarioFile(name) || scenarios.some((each) => each.name === name)) {
    const scenario = await loadScenario(name, { files })
    data(asJson ? jsonText(scenario, 2) : describeScenario(scenario))
    return 0
  }
  // Neither a scenario nor a run: the message should suggest both kinds.
  const near = nearest(
    name,
    scenarios.map((each) => each.name),
  )
  if (near && name !== 'last') await loadScenario(name)
  dataRendered(runRow(name, asJson))
  return 0
}

async function doctor(asJson: boolean): Promise<number> {
  const checks = await diagnose()
  if (asJson) jsonData(checks, 2)
  else {
    const colours = palette(wantsColour(process.stdout, process.env))
    for (const { name, ok, found, remedy } of checks)
      dataRendered(
        `${ok ? colours.green('ok     ') : colours.red('missing')} ${name}: ${found}${ok ? '' : `\n        ${remedy}`}`,
      )
  }
  return exitCodeOf(checks)
}

function seedOption(): Option {
  return new Option('--seed <n>', 'seed of the random part: the moment of the fault within one heartbeat').argParser(
    wholeNumber(0, 2 ** 31 - 1),
  )
}

function existing(file: string, before: string[] = []): string[] {
  if (!existsSync(file)) throw new InvalidArgumentError('there is no such file.')
  return [...before, resolve(file)]
}

function wholeNumber(low: number, high: number): (text: string) => number {
  return (text) => {
    const number = Number(text)
    if (!/^\d+$/.test(text) || number < low || number > high)
      throw new InvalidArgumentError(`expected a whole number from ${low} to ${high}.`)
    return number
  }
}

async function exitWith(code: Promise<number>): Promise<void> {
  process.exitCode = await code
}

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = codeOf(error)
}
// Sockets of observers that were cut off may linger; the work is done and said.
process.exit()

function codeOf(error: unknown): number {
  if (error instanceof SuppressedError) {
    const status = codeOf(error.suppressed)
    say(`blackstart: and while cleaning up: ${messageOf(error.error)}`)
    return status
  }
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 4
  if (isInterruption(error)) return 130
  if (error instanceof BlackstartError) {
    say(`blackstart: ${error.message}`)
    return error.exitCode
  }
  const problem = engineProblem(error) ?? fileProblem(error)
  if (problem) {
    say(`blackstart: ${problem}`)
    return 3
  }
  say(`blackstart: this is a bug of ours: ${error instanceof Error ? error.stack : String(error)}`)
  return 70
}

/**
 * A connection that could not be made and that nobody expected to fail is the engine's, as is an answer that is a
 * failure of its own. Files have a `path`, and their own words.
 */
function engineProblem(error: unknown): string | undefined {
  const { code, syscall, statusCode } = error as NodeJS.ErrnoException & { statusCode?: unknown }
  if (Number(statusCode) >= 500) return `the Docker engine failed: ${messageOf(error)}`
  if (syscall !== 'connect' && syscall !== 'getaddrinfo') return undefined
  return `the Docker engine cannot be reached (${code}): "npx blackstart doctor" says what is missing`
}
