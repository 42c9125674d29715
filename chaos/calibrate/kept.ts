/**
 * The last calibration that was made in the folder in which the user works: `.blackstart/calibration.json`. Trials put it
 * into their journals with the machine that it says, so that verdicts can say how exact they are, or why they cannot.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeFolder, replaceFile } from '../files.ts'
import { type CalibrationFacts, calibratedMachineSchema, calibrationSchema } from '../journal/calibration.ts'
import { workRoot } from '../roots.ts'

/** One that does not say its machine is of nobody knows which. */
const keptSchema = calibrationSchema.extend({ machine: calibratedMachineSchema })

export function calibrationFile(): string {
  return join(workRoot(), '.blackstart', 'calibration.json')
}

export function keepCalibration(calibration: CalibrationFacts): void {
  makeFolder(join(workRoot(), '.blackstart'))
  replaceFile(calibrationFile(), `${JSON.stringify(keptSchema.parse(calibration), null, 2)}\n`)
}

/**
 * What was kept, on whichever machine: whether it holds for a trial's, the judge says. Undefined where there is none, or
 * none that can be read: a trial needs no calibration.
 */
export function keptCalibration(): CalibrationFacts | undefined {
  try {
    return keptSchema.parse(JSON.parse(readFileSync(calibrationFile(), 'utf8')))
  } catch {
    return undefined
  }
}
