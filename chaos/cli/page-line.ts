/** What a command and the process of its page tell each other. */

/** What the page's process tells. */
export type PageLine = { is: 'open'; address: string } | { is: 'failed'; message: string } | { is: 'staying' }

/** What the command tells: its work is done, and whether the page is to stay while somebody may look at it. */
export interface WorkIsOver {
  is: 'over'
  stays: boolean
}
