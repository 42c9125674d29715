/** judge and report: reading a journal again. No Docker, no world. */

import { join, relative } from 'node:path'
import { EnvironmentError } from '../errors.ts'
import { renderVerdict } from '../report/terminal.ts'
import { findRun } from '../run/folder.ts'
import { writeReadings } from '../run/readings.ts'
import { exitCodes } from './exit-codes.ts'
import { colours, data, jsonData, say, sayRendered, width } from './output.ts'

export async function judgeRun(name: string, asJson: boolean): Promise<number> {
  const folder = findRun(name)
  const { verdict, unwritten } = await writeReadings(folder)
  if (asJson) jsonData(verdict)
  else
    sayRendered(
      renderVerdict(verdict, {
        colours,
        width: width(),
        ...(!unwritten && { reportPath: join(relative(process.cwd(), folder), 'report.html') }),
      }),
    )
  if (unwritten) say(unwritten.message)
  return exitCodes[verdict.verdict]
}

export async function reportRun(name: string): Promise<number> {
  const folder = findRun(name)
  const { unwritten } = await writeReadings(folder)
  if (unwritten?.names.includes('report.html')) throw new EnvironmentError(unwritten.message)
  if (unwritten) say(unwritten.message)
  data(join(folder, 'report.html'))
  return 0
}
