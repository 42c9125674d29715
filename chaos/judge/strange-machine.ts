/** Whether the calibration in a journal was made on the machine of the trial, with the same instruments. */
import { type CalibratedMachine, machineOf } from '../journal/calibration.ts'
import type { EventOf } from '../journal/schema.ts'
import { some } from './words.ts'

/** A cloud's machine has another amount of memory each time, by a little; in shares of the calibration's. */
const memoryMayDiffer = 0.25

const words: Record<keyof CalibratedMachine, (value: CalibratedMachine[keyof CalibratedMachine]) => string> = {
  cores: (cores) => `${cores} cores`,
  model: (model) => `the processor ${model}`,
  memoryBytes: (bytes) => `${(Number(bytes) / 2 ** 30).toFixed(1)} GiB of memory`,
  kernel: (kernel) => `kernel ${kernel}`,
  platform: (platform) => `${platform}`,
  engine: (engine) => `engine ${engine}`,
  node: (node) => `Node ${node}`,
  k6: (k6) => `k6 ${k6}`,
}

/** In what it differs from the trial's; undefined when it does not. Journals before both said their machine pass. */
export function strangeMachine(opened: EventOf<'trial.opened'>): string | undefined {
  const machine = opened.calibration?.machine
  if (machine === undefined)
    return opened.host.model === undefined ? undefined : 'it does not say on which machine it was made'
  const here = machineOf(opened)
  const differing = (Object.keys(words) as (keyof CalibratedMachine)[]).filter((key) =>
    key === 'memoryBytes'
      ? Math.abs((here.memoryBytes ?? 0) - machine.memoryBytes) > memoryMayDiffer * machine.memoryBytes
      : here[key] !== machine[key],
  )
  if (differing.length === 0) return undefined
  return `it was made on another machine, or by other instruments: ${some(
    differing.map(
      (key) => `${words[key](machine[key])}, here ${here[key] === undefined ? 'unknown' : words[key](here[key])}`,
    ),
  )}`
}
