/**
 * Commands for a world, and for breaking it by hand: up, down, status, fault, heal, replay, ui, calibrate, doctor. What a command does
 * is loaded when it is called: loading everything takes a second of processor time.
 */
import { type Command, Option } from 'commander'
import { addUiCommands } from './commands-ui.ts'
import { kindsHelp } from './kinds-help.ts'
import { exitWith, files, json, ui, uiPort, wholeNumber, world } from './options.ts'

/** In the order in which the help lists them. */
export function addWorldCommands(program: Command): void {
  addAdopt(program)
  addUp(program)
  addDown(program)
  addStatus(program)
  addFault(program)
  addHeal(program)
  addReplay(program)
  addDrill(program)
  addUiCommands(program)
  addCalibrate(program)
  addDoctor(program)
}

function addAdopt(program: Command): void {
  program
    .command('adopt')
    .description(
      'write a blackstart.yaml for a Compose file of your own: what stands where, guessed, each guess with its reason',
    )
    .argument(
      '[compose...]',
      'your Compose files, in the order Compose merges them; default: the usual one in this folder',
    )
    .option('--region <name=services...>', 'who stands where, such as east=db-1,api-1')
    .option('--profile <name...>', 'profiles of the Compose file')
    .option('--output <file>', 'the file to write, or to check; default: blackstart.yaml in this folder')
    .option('--force', 'write it anew if it is there', false)
    .option('--check', 'write nothing: say what would fail, and what a world has otherwise', false)
    .addOption(json())
    .addHelpText(
      'after',
      `
Nothing is started, and your Compose file is not changed. On a terminal, adopt asks for what it cannot guess; elsewhere
the file says TODO. Needs Docker's command line with Compose 2.17 or newer, and no engine.

Exit status: 0 done, 3 no Docker command line, 4 something would fail, or the Compose file is refused.

Examples:
  $ npx blackstart adopt
  $ npx blackstart adopt compose.yml compose.prod.yml --profile cluster
  $ npx blackstart adopt --region east=db-1,api-1 --region west=db-2,api-2
  $ npx blackstart adopt --check`,
    )
    .action(async (compose: string[], options) => {
      const { adoptCommand } = await import('./adopt.ts')
      await exitWith(adoptCommand(compose, { ...options, json: options.json ?? false }))
    })
}

function addUp(program: Command): void {
  program
    .command('up')
    .description('bring up a world and wait until it is ready')
    .addOption(world())
    .addOption(files())
    .addOption(json())
    .action(async (options) => {
      const { bringWorldUp } = await import('./worlds.ts')
      await exitWith(bringWorldUp(options.world, options.file, options.json ?? false))
    })
}

function addDown(program: Command): void {
  program
    .command('down')
    .description('remove a world: its containers, networks and volumes')
    .addOption(world())
    .action(async (options) => {
      const { takeWorldDown } = await import('./worlds.ts')
      await exitWith(takeWorldDown(options.world))
    })
}

function addStatus(program: Command): void {
  program
    .command('status')
    .description('show the state of a world: active faults, roles, and which links answer')
    .addOption(world())
    .addOption(json())
    .option('-w, --watch', 'look again every second, until Ctrl-C', false)
    .action(async (options) => {
      const { statusCommand } = await import('./status.ts')
      await exitWith(statusCommand({ ...options, json: options.json ?? false }))
    })
}

function addFault(program: Command): void {
  program
    .command('fault')
    .description(
      'break something in a world that is up; the first fault begins a drill, which ends when everything is healed',
    )
    .argument('<kind>', 'the kind of fault: kill, pause, blackhole, slow …')
    .argument(
      '<target>',
      'what it acts on: by role (region:primary, standbys, link:primary-other) or by name (east, pg-east-a)',
    )
    .option('--for <length>', 'heal it after this long, such as 30s; otherwise "blackstart heal" does')
    .option('--with <key=value...>', 'options of the kind, such as latencyMs=80 or direction=out')
    .addOption(
      new Option('--rate <n>', 'requests per second, if this fault begins a drill').argParser(wholeNumber(1, 10_000)),
    )
    .addOption(world())
    .addOption(ui())
    .addOption(uiPort())
    .addOption(json())
    .addHelpText(
      'after',
      `
Kinds, and their options:
${kindsHelp()}

Examples:
  $ npx blackstart fault kill region:primary --for 30s
  $ npx blackstart fault kill region:primary --ui   watch it in a browser, and heal it there
  $ npx blackstart fault slow link:east-west --with latencyMs=80ms
  $ npx blackstart fault partial east --with from=west,witness
  $ npx blackstart heal f1                     one of them
  $ npx blackstart heal                        all of them; the drill ends with its verdict
  $ npx blackstart replay last                 the same again`,
    )
    .action(async (kind: string, target: string, options) => {
      const [{ faultCommand }, { withPage }] = await Promise.all([import('./fault.ts'), import('./page-beside.ts')])
      const told = { ...options, json: options.json ?? false }
      await exitWith(withPage(options, (openPage) => faultCommand(kind, target, { ...told, openPage })))
    })
}

function addHeal(program: Command): void {
  program
    .command('heal')
    .description('undo one fault, or all faults in a world, also those of other commands')
    .argument('[id]', 'id of the fault, as "fault" and "status" show it; default: all faults')
    .addOption(world())
    .option('--all', 'heal all faults (the default without an id)', false)
    .action(async (id: string | undefined, options) => {
      const { healCommand } = await import('./heal.ts')
      await exitWith(healCommand(id, options))
    })
}

function addReplay(program: Command): void {
  program
    .command('replay')
    .description('repeat the faults of a run or a drill at the same offsets, and show both runs side by side')
    .argument('[run]', 'a run folder, its name, or "last"', 'last')
    .addOption(
      new Option('--resolve <how>', 'roles: what has the same role now; names: what was broken then, by name')
        .choices(['roles', 'names'])
        .default('roles'),
    )
    .addOption(world())
    .addOption(files())
    .addOption(ui())
    .addOption(uiPort())
    .addOption(json())
    .option('--keep', 'leave the world up', false)
    .addHelpText(
      'after',
      '\nExamples:\n  $ npx blackstart replay last\n  $ npx blackstart replay last --ui           watch it in a browser',
    )
    .action(async (run: string, options) => {
      const [{ replayCommand }, { withPage }] = await Promise.all([import('./replay.ts'), import('./page-beside.ts')])
      const told = { ...options, files: options.file, json: options.json ?? false }
      await exitWith(withPage(options, (openPage) => replayCommand(run, { ...told, openPage })))
    })
}

function addDrill(program: Command): void {
  program
    .command('drill', { hidden: true })
    .addOption(world())
    .addOption(new Option('--rate <n>').argParser(wholeNumber(1, 10_000)))
    .action(async (options) => {
      const { drillCommand } = await import('./drill.ts')
      await exitWith(drillCommand(options.world, { ratePerSecond: options.rate }))
    })
}

function addCalibrate(program: Command): void {
  program
    .command('calibrate')
    .description('measure how exact the figures are on this machine, against outages of known length; about 4 minutes')
    .addOption(new Option('--quick', 'fewer outages: 40 seconds').conflicts('full'))
    .option('--full', 'every kind and length up to 30 s, at every rate: half an hour')
    .addOption(
      new Option('--seed <n>', 'seed for the moments of the outages').argParser(wholeNumber(0, 2 ** 31 - 1)).default(1),
    )
    .addOption(world('blackstart-calibrate'))
    .option('--markdown', 'the table in Markdown on stdout, for a document')
    .addOption(json().conflicts('markdown'))
    .addHelpText(
      'after',
      `
A small server stops, stalls and fails at planned moments, and writes down what it does. k6, the journal and the
judge measure that as they do in a trial, at 40 to 500 requests/s, on the machine as it is and with all cores busy.
The result is kept, and verdicts of later trials say how exact they are by it. Let nothing else run meanwhile.

Exit status: 0 as exact as it has to be, 1 not so, 3 the machine had no room to tell.

Examples:
  $ npx blackstart calibrate
  $ npx blackstart calibrate --quick
  $ npx blackstart calibrate --full --json > calibration.json`,
    )
    .action(async ({ quick, full, ...options }) => {
      const { calibrateCommand } = await import('./calibrate.ts')
      const extent = quick ? 'quick' : full ? 'full' : 'usual'
      await exitWith(calibrateCommand({ ...options, extent }))
    })
}

function addDoctor(program: Command): void {
  program
    .command('doctor')
    .description('check everything that this machine needs, and show all problems')
    .addOption(json())
    .action(async (options) => {
      const { doctor } = await import('./doctor.ts')
      await exitWith(doctor(options.json ?? false))
    })
}
