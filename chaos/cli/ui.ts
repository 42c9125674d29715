/** ui: the control room, a page on this machine that shows whatever happens in a world, and takes orders. */
import { openControlRoom } from '../ui/server.ts'
import { openBrowser } from './browser.ts'
import { untilInterrupted } from './interrupt.ts'
import { data, say } from './output.ts'
import { CommandHands } from './ui-hands.ts'

export interface UiOptions {
  world: string
  port?: number | undefined
  /** Whether to open it in a browser, where there is a desktop. */
  open: boolean
}

/** Serves the page until Ctrl-C. Trials go on without it. */
export async function uiCommand({ world, port, open }: UiOptions): Promise<number> {
  const signal = untilInterrupted({ doing: 'closing the page', left: () => 'Trials go on without the page' })
  await using room = await openControlRoom({ port, hands: new CommandHands(world) })
  data(room.address)
  say('The control room is open at that address, on this machine only, until Ctrl-C; trials go on without it')
  if (open) openBrowser(room.address)
  if (!signal.aborted) await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }))
  return 0
}
