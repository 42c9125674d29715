/**
 * Commands for scenarios, trials and their results: demo, run, judge, report, list, show, new. What a command does is
 * loaded when it is called.
 */
import { type Command, Option } from 'commander'
import { UsageError } from '../errors.ts'
import { newScenario, templateNames } from './new.ts'
import { exitWith, files, json, seedOption, ui, uiPort, wholeNumber, world } from './options.ts'
import type { PageOptions } from './page-beside.ts'
import type { runTrials } from './trials.ts'

/** In the order in which the help lists them. */
export function addTrialCommands(program: Command): void {
  addDemo(program)
  addRun(program)
  addJudge(program)
  addReport(program)
  addList(program)
  addShow(program)
  addNew(program)
}

function addDemo(program: Command): void {
  program
    .command('demo')
    .description('bring up a world, lose the region that holds the primary, judge, report, take the world down')
    .addOption(
      new Option('--scenario <name>', 'the scenario: a name ("blackstart list" shows them) or a file').default(
        'region-kill',
      ),
    )
    .addOption(world('blackstart-demo'))
    .option('--keep', 'leave the world up', false)
    .addOption(seedOption())
    .addOption(ui())
    .addOption(uiPort())
    .addOption(json())
    .addHelpText(
      'after',
      `
Examples:
  $ npx blackstart demo
  $ npx blackstart demo --ui                   watch it in a browser`,
    )
    .action((options) => exitWith(demo(options)))
}

type DemoOptions = Omit<Parameters<typeof runTrials>[0], 'scenario' | 'trials' | 'openPage'> &
  PageOptions & { scenario: string }

async function demo({ scenario: name, ...options }: DemoOptions): Promise<number> {
  const { loadScenario } = await import('./scenario.ts')
  const scenario = await loadScenario(name, { world: options.world })
  const [{ runTrials }, { withPage }] = await Promise.all([import('./trials.ts'), import('./page-beside.ts')])
  return withPage(options, (openPage) =>
    runTrials({ ...options, scenario, trials: 1, json: options.json ?? false, openPage }),
  )
}

function addRun(program: Command): void {
  program
    .command('run')
    .description(
      'run a scenario, or several in one world; if there is no world, brings one up and takes it down again at the end',
    )
    .argument('[scenario...]', 'names ("blackstart list" shows them) or files: .yaml, .json or .ts')
    .option('--suite <name>', 'run a suite: smoke (for every push), core (every merge) or full (every night)')
    .option('--tag <tag...>', 'run the scenarios with any of these tags; with --suite, only those in the suite')
    .option('--shard <part>', 'run only one part of the suite, such as 2/5; all parts take about equally long')
    .option('--bail', 'stop after the first missed trial', false)
    .option('--allow-skip <name...>', 'scenarios that may be skipped if this machine cannot run their faults')
    .addOption(new Option('--trials <n>', 'trials of each scenario').argParser(wholeNumber(1, 1000)).default(1))
    .addOption(seedOption())
    .addOption(world())
    .addOption(files())
    .addOption(ui())
    .addOption(uiPort())
    .addOption(json())
    .option('--keep', 'leave the world up', false)
    .option('--worse', 'outages, each in a world of its own with the setting that made it possible then', false)
    .addHelpText(
      'after',
      `
Examples:
  $ npx blackstart run region-kill
  $ npx blackstart run region-kill --ui
  $ npx blackstart run region-blackhole --trials 5 --json > verdicts.ndjson
  $ npx blackstart run --suite core --shard 2/3
  $ npx blackstart run github-2018 --worse     the outage as it was; "blackstart list --incidents" shows more
  $ npx blackstart run --tag incident --worse  all of them; the exit status is 0 if each damage came out`,
    )
    .action(async (names: string[], { worse, ...options }) => {
      const run = { ...options, json: options.json ?? false }
      if (worse) {
        const [{ chosenIncidents, runWorse, worseName }, { withPage }] = await Promise.all([
          import('./worse.ts'),
          import('./page-beside.ts'),
        ])
        const chosen = await chosenIncidents(names, options)
        // Orders from the page go to the world that it shows.
        const page = { ...options, world: worseName(options.world) }
        return exitWith(withPage(page, (openPage) => runWorse(chosen, { ...run, openPage })))
      }
      const [{ choose }, { loadScenario }] = await Promise.all([import('./choice.ts'), import('./scenario.ts')])
      const where = { files: options.file, world: options.world }
      const chosen = await choose(names, options, (name) => loadScenario(name, where))
      const [{ runChosen }, { withPage }] = await Promise.all([import('./suites.ts'), import('./page-beside.ts')])
      await exitWith(withPage(options, (openPage) => runChosen(chosen, { ...run, ...where, openPage })))
    })
}

function addJudge(program: Command): void {
  program
    .command('judge')
    .description("judge a run's journal again; needs no Docker")
    .argument('[run]', 'a run folder, its name, or "last" (the default)')
    .option('--all', 'judge every run again and list what changes; writes nothing', false)
    .addOption(json())
    .addHelpText(
      'after',
      "\nExamples:\n  $ npx blackstart judge last\n  $ npx blackstart judge --all --json | jq 'select(.changes != [])'",
    )
    .action(async (run: string | undefined, { all, ...options }) => {
      if (all) {
        if (run !== undefined) throw new UsageError(`judge ${run} --all: give one or the other`)
        const { rejudgeAll } = await import('./rejudge.ts')
        return exitWith(rejudgeAll(options.json ?? false))
      }
      const { judgeRun } = await import('./reread.ts')
      await exitWith(judgeRun(run ?? 'last', options.json ?? false))
    })
}

function addReport(program: Command): void {
  program
    .command('report')
    .description("render a run's report.html again; prints its path")
    .argument('[run]', 'a run folder, its name, or "last"', 'last')
    .action(async (run: string) => {
      const { reportRun } = await import('./reread.ts')
      await exitWith(reportRun(run))
    })
}

function addList(program: Command): void {
  program
    .command('list')
    .description('list scenarios, which of them apply to your stack and why the others do not, and runs')
    .option('--incidents', 'public outages that are re-enacted: what happened, and what made it possible', false)
    .addOption(world().default(undefined))
    .addOption(files())
    .addOption(json())
    .addHelpText(
      'after',
      `
Needs no engine: your stack is what blackstart.yaml, the files given or a world that is up say; without any of these the
reference stack.`,
    )
    .action(async (options) => {
      if (options.incidents) return (await import('./incidents.ts')).listIncidents(options.json ?? false)
      const { listAll } = await import('./list.ts')
      await listAll({ world: options.world, files: options.file, asJson: options.json ?? false })
    })
}

function addShow(program: Command): void {
  program
    .command('show')
    .description("show a scenario's time line, or a run's verdict, without running anything")
    .argument('[name]', 'a scenario, a file of one, a run, or "last"')
    .option('--compose', 'the Compose file that "up" generates from blackstart.yaml', false)
    .addOption(world())
    .addOption(files())
    .addOption(json())
    .action(async (name: string | undefined, options) => {
      if (options.compose) return await exitWith(showCompose(name, options.world))
      if (name === undefined) throw new UsageError('show what? A scenario, a file of one, a run, "last", or --compose')
      const { show } = await import('./list.ts')
      await exitWith(show(name, { files: options.file, asJson: options.json ?? false }))
    })
}

async function showCompose(name: string | undefined, world: string): Promise<number> {
  if (name !== undefined) throw new UsageError(`show ${name} --compose: give one or the other`)
  const { showComposeFile } = await import('./worlds.ts')
  return showComposeFile(world)
}

function addNew(program: Command): void {
  program
    .command('new')
    .description('write a scenario file to start from; never overwrites one')
    .argument('<name>', 'name of the scenario, in kebab-case')
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
}
