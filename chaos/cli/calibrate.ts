/** calibrate: how exact Blackstart's own figures are on this machine. */
import { type Calibration, calibrate, factsOf } from '../calibrate/calibrate.ts'
import { calibrationFile, keepCalibration } from '../calibrate/kept.ts'
import { type Extent, lengthMs, roundsOf } from '../calibrate/plan.ts'
import { machineWords, tableMarkdown, tableText } from '../calibrate/table.ts'
import { EXIT } from '../errors.ts'
import { k6Version } from '../load/generator.ts'
import { seededRandom } from '../random.ts'
import { elapsed } from '../report/format.ts'
import { harnessFacts, hostFacts } from '../run/facts.ts'
import { untilInterrupted } from './interrupt.ts'
import { readyEngine } from './machine.ts'
import { data, jsonData, say, step } from './output.ts'

export interface CalibrateCommand {
  extent: Extent
  world: string
  seed: number
  /** What is written on stdout; nothing where neither is asked for. */
  json?: boolean
  markdown?: boolean
}

/** Returns the exit status: 0 within the limits, 1 beyond them, 3 if the machine had no room to tell. */
export async function calibrateCommand({ extent, world, seed, json, markdown }: CalibrateCommand): Promise<number> {
  const engine = await readyEngine('world')
  const signal = untilInterrupted({
    doing: 'stopping and removing what was started',
    left: () => `Containers may be left: "npx blackstart down --world ${world}" removes them`,
  })
  const rounds = roundsOf(extent, seededRandom(seed))
  const facts = { host: await hostFacts(engine), harness: await harnessFacts(), versions: { k6: k6Version } }
  const streamsMs = rounds.reduce((sum, round) => sum + lengthMs(round), 0)
  say(`outages of known length take ${elapsed(streamsMs)}, and starting the streams some seconds a round`)
  const progress = step('calibrating')
  let calibration: Calibration
  try {
    calibration = await calibrate({ engine, world, rounds, facts, signal, progress: progress.progress })
  } catch (error) {
    progress.done('not finished')
    throw error
  }
  progress.done()
  show(calibration)
  if (json) jsonData(calibration, 2)
  if (markdown) data(`${machineWords(calibration)}\n\n${tableMarkdown(calibration.cells)}`)
  if (calibration.cells.length > 0) {
    // Also what is beyond the limits: verdicts carry the uncertainty that was found.
    keepCalibration(factsOf(calibration))
    say(`kept in ${calibrationFile()}; verdicts of trials on this machine cite it from now on`)
  }
  if (calibration.problems.length > 0) return EXIT.notReady
  return calibration.defects.length > 0 ? EXIT.missed : EXIT.met
}

function show(calibration: Calibration): void {
  const { cells, outages, problems, defects } = calibration
  for (const problem of problems) say(`cannot tell: ${problem}`)
  if (cells.length === 0) return
  say(`\n${machineWords(calibration)}\n\n${tableText(cells)}\n`)
  say(
    `bias: median of measured minus true, over ${outages.length} outages. An error of up to one slot, the time between two clients, is the sampling's.`,
  )
  const [short, inexact] = (['too short', 'inexact'] as const).map(
    (how) => outages.filter(({ seen }) => seen === how).length,
  )
  if (short) say(`${short} of them met too few clients to count as an outage, which is right.`)
  if (inexact) say(`${inexact} of them are not compared: the server had to wait for a processor, and was late itself.`)
  for (const defect of defects) say(`beyond the limit: ${defect}`)
  if (problems.length + defects.length === 0) say('every figure is as exact as it has to be.')
}
