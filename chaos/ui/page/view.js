/** What the page knows: the frames that came, put together. */
import htm from '/page/htm.js'
import { h } from '/page/preact.js'

export const html = htm.bind(h)

/** Nothing has come yet. */
export function emptyView() {
  return {
    run: null,
    isConnected: false,
    hasHeard: false,
    log: [],
    seconds: new Map(),
    aside: { world: null, orders: [] },
  }
}

/** The view after a frame. A frame that begins a run, or repeats it, replaces what was there. */
export function withFrame(view, frame, nowMs) {
  const begins = frame.run !== view.run || frame.since === 0
  const next = { ...view, ...frame, isConnected: true, hasHeard: true, receivedMs: nowMs }
  if (frame.run === null) return { ...next, trial: undefined, log: [], seconds: new Map() }
  const seconds = begins ? new Map() : view.seconds
  for (const second of frame.trial.seconds) seconds.set(second.at, second)
  return { ...next, seconds, log: begins ? frame.trial.log : [...view.log, ...frame.trial.log] }
}

/** The trial's clock at this moment; where it stands still, its last moment. */
export function clockOf(view, nowMs) {
  if (view.nowMs === null || view.nowMs === undefined) return view.trial?.lastMs ?? 0
  return Math.max(view.trial.lastMs, view.nowMs + (view.isConnected ? nowMs - view.receivedMs : 0))
}

/** The seconds in order, from the first to the last, with those in which nothing was due. */
export function wholeSeconds(seconds) {
  if (seconds.size === 0) return []
  const ats = [...seconds.keys()]
  const [from, to] = [Math.min(...ats), Math.max(...ats)]
  const empty = { acked: 0, rejected: 0, unknown: 0, p50Ms: null, p99Ms: null, slowestMs: null }
  return Array.from({ length: to - from + 1 }, (_, index) => ({
    ...empty,
    at: from + index,
    ...seconds.get(from + index),
  }))
}

/** How a target is said to the command line. */
export function targetOf({ kind, name, sites }) {
  return kind === 'link' ? `link:${sites.join(',')}` : `${kind}:${name}`
}
