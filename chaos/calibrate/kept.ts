/**
 * The last calibration of this machine, in the folder in which the user works: `.blackstart/calibration.json`. Trials
 * put it into their journals, so that verdicts can say how exact they are.
 */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { makeFolder, replaceFile } from '../files.ts'
import { type CalibrationFacts, calibrationSchema } from '../journal/calibration.ts'
import type { EventOf } from '../journal/schema.ts'
import { workRoot } from '../roots.ts'

type HostFacts = EventOf<'trial.opened'>['host']

/** It holds for a machine with these. A cloud's machine has another amount of memory each time by a little. */
const machineSchema = z.object({ cores: z.number(), kernel: z.string(), platform: z.string(), engine: z.string() })
const keptSchema = z.object({ machine: machineSchema, calibration: calibrationSchema })

export function calibrationFile(): string {
  return join(workRoot(), '.blackstart', 'calibration.json')
}

export function keepCalibration(host: HostFacts, calibration: CalibrationFacts): void {
  makeFolder(join(workRoot(), '.blackstart'))
  replaceFile(calibrationFile(), `${JSON.stringify({ machine: machineSchema.parse(host), calibration }, null, 2)}\n`)
}

/**
 * What was kept, if it is of a machine like this one. Undefined where there is none, or none that can be read: a trial
 * needs no calibration.
 */
export function keptCalibration(host: HostFacts): CalibrationFacts | undefined {
  try {
    const { machine, calibration } = keptSchema.parse(JSON.parse(readFileSync(calibrationFile(), 'utf8')))
    const same = Object.entries(machine).every(([key, value]) => host[key as keyof HostFacts] === value)
    return same ? calibration : undefined
  } catch {
    return undefined
  }
}
