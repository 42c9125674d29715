// Node's own exit statuses would be misread: it ends with 1, which is "missed" here, for an uncaught error and for
// output without a reader, and with 13 for a wait that cannot end. So every process of Blackstart is guarded. A bug
// ends with 70, and a reader that went away is an interrupt, 130. A command that has something to heal is informed
// first, and ends later. This file needs no packages, since it must work where those are broken.

import { EXIT } from './exit-statuses.mjs'

/** Node's own, for a program that waits for something that can no longer happen. */
const NOTHING_UNDER_WAY = 13
/** @type {number[]} */
const VERDICTS = [EXIT.met, EXIT.missed, EXIT.inconclusive]

/**
 * @callback Stop
 * @param {string} reason what happened, as the beginning of a sentence
 * @param {{ bug: boolean }} kind
 * @returns {void}
 */

/** @type {Stop | undefined} */
let stop
let hasBug = false
let isUnread = false
/** @type {Set<string>} */
const told = new Set()

/**
 * From here on the caller decides how this process ends when it cannot go on. Without a handler it ends at once.
 * @param {Stop | undefined} handler called at every such moment, so more than once
 */
export function endBy(handler) {
  stop = handler
}

/** Guards this process. Once is enough: importing `guarded.mjs` does it. */
export function guard() {
  for (const stream of [process.stdout, process.stderr]) {
    // EPIPE of a pipe, EIO of a terminal that was closed, ENOSPC of a file. What is written later is dropped, each time
    // with such an event.
    stream.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      isUnread = true
      end(`the output cannot be written any more (${error.code ?? error.message})`)
    })
  }
  // Unhandled rejections come here too.
  process.on('uncaughtException', (error) => {
    hasBug = true
    tellBug(error instanceof Error ? (error.stack ?? error.message) : String(error))
    end('a bug in Blackstart')
  })
  process.on('exit', (code) => {
    if (code === NOTHING_UNDER_WAY) tellBug('it waits for something that can never happen')
    // An error of this very moment has not reached its event handler yet.
    isUnread ||= [process.stdout, process.stderr].some((stream) => stream.errored)
    if (hasBug || code === NOTHING_UNDER_WAY) process.exitCode = EXIT.bug
    else if (isUnread && VERDICTS.includes(Number(code))) process.exitCode = EXIT.interrupted
  })
}

/** @param {string} reason */
function end(reason) {
  if (stop) stop(reason, { bug: hasBug })
  else process.exit(hasBug ? EXIT.bug : EXIT.interrupted)
}

/** @param {string} what a repeated text is printed once */
function tellBug(what) {
  if (told.has(what)) return
  told.add(what)
  process.stderr.write(`blackstart: this is a bug in Blackstart: ${what}\n`)
}
