/** doctor: what the machine needs. */
import { diagnose, exitCodeOf } from '../../setup/doctor.mjs'
import { palette, wantsColour } from '../live/colours.ts'
import { ownWorldFile } from '../world/generated.ts'
import { dataRendered, jsonData } from './output.ts'

/** Returns the exit status: 0 when nothing is missing. */
export async function doctor(asJson: boolean): Promise<number> {
  const checks = await diagnose(undefined, ownWorldFile() === undefined ? 'world' : 'own-world')
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
