/** The region that is redrawn while a trial runs, as lines no wider than the terminal. */
import { count, duration, plain } from '../report/format.ts'
import { cut, type Palette, packed } from '../report/text.ts'
import type { LiveState } from './state.ts'

const labelWidth = 11
const blocks = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█']

export interface DrawOptions {
  state: LiveState
  nowMs: number
  width: number
  colours: Palette
}

export function drawLive({ state, nowMs, width, colours }: DrawOptions): string[] {
  const label = (text: string): string => colours.dim(text.padEnd(labelWidth))
  const one = (name: string, text: string): string => `${label(name)}${cut(text, width - labelWidth)}`
  const many = (name: string, items: readonly string[]): string[] =>
    packed(items, width - labelWidth).map((line, index) => one(index === 0 ? name : '', line))
  const { failedPerSecond } = state.pace(nowMs)
  const requests = one('requests', paceWords(state, nowMs))
  return [
    colours.bold(cut(clockWords(state, nowMs), width)),
    failedPerSecond > 0 ? colours.red(requests) : requests,
    `${label('last 60 s')}${sparkline(state.history(nowMs), width - labelWidth, colours)}`,
    ...many('databases', databaseItems(state)),
    one('leader', state.system.leader === undefined ? 'not seen yet' : plain(state.system.leader ?? 'none')),
    ...many('links', linkItems(state)),
    ...(state.faults.size === 0 ? [] : many('faults', faultItems(state, nowMs)).map(colours.yellow)),
  ]
}

export function clockWords(state: LiveState, nowMs: number): string {
  const stage = state.stage === '' ? 'starting' : `${plain(state.stage)}, for ${seconds(nowMs - state.stageSinceMs)}`
  const words = `${stage}${readingWords(state)}`
  return state.zeroMs === null ? words : `${words}; ${seconds(nowMs - state.zeroMs)} after the fault`
}

/** ", app-1: 3200 of 40000 keys": of the node that has come least far. */
function readingWords({ reading }: LiveState): string {
  const [least] = [...reading].toSorted(([, a], [, b]) => a.done - b.done)
  if (!least) return ''
  const [node, { done, of }] = least
  return `, ${plain(node)}: ${count(done)}${of === null ? '' : ` of ${count(of)}`} keys`
}

export function paceWords(state: LiveState, nowMs: number, overMs?: number): string {
  const { ackedPerSecond, failedPerSecond, p99Ms } = state.pace(nowMs, overMs)
  return `${ackedPerSecond}/s served, ${failedPerSecond}/s failed, p99 ${p99Ms === null ? 'none' : duration(p99Ms)}`
}

function seconds(ms: number): string {
  return `${Math.max(0, Math.floor(ms / 1000))} s`
}

/** One cell a second: the share served as a height, a dot where no request ended. Heights tell it without colour. */
function sparkline(history: readonly (number | null)[], width: number, colours: Palette): string {
  return history
    .slice(-width)
    .map((share) => {
      if (share === null) return colours.dim('·')
      const cell =
        blocks[share >= 1 ? blocks.length - 1 : Math.min(blocks.length - 2, Math.floor(share * (blocks.length - 1)))] ??
        ' '
      return share >= 1 ? colours.green(cell) : colours.red(cell)
    })
    .join('')
}

function databaseItems(state: LiveState): string[] {
  if (state.system.databases.size === 0) return ['not seen yet']
  return [...state.system.databases].map(
    ([node, { role, accepting }]) => `${plain(node)} ${role}${accepting ? ', writable' : ''}`,
  )
}

/** How many directions answer; then sites that are heard nowhere, pairs of sites, and single silent directions. */
function linkItems(state: LiveState): string[] {
  const edges = [...state.system.edges].map(([key, connections]) => {
    const [from = '', to = ''] = key.split('>')
    return { from, to, silent: Object.values(connections).some((up) => !up) }
  })
  if (edges.length === 0) return ['not seen yet']
  const silent = edges.filter((edge) => edge.silent)
  if (silent.length === 0) return [`all ${edges.length} directions answer`]
  const sites = [...new Set(edges.flatMap(({ from, to }) => [from, to]))]
  const cutOff = sites.filter((site) => edges.every((edge) => edge.silent || (edge.from !== site && edge.to !== site)))
  const others = silent
    .filter(({ from, to }) => !cutOff.includes(from) && !cutOff.includes(to))
    .flatMap(({ from, to }) => {
      const bothWays = silent.some((edge) => edge.from === to && edge.to === from)
      return bothWays ? (from < to ? [`${from}↔${to} silent`] : []) : [`${from}→${to} silent`]
    })
  return [
    `${edges.length - silent.length} of ${edges.length} directions answer`,
    ...cutOff.map((site) => `${site} cut off`),
    ...others,
  ].map(plain)
}

function faultItems(state: LiveState, nowMs: number): string[] {
  return [...state.faults.values()].map(({ name, sinceMs }) => plain(`${name}, for ${seconds(nowMs - sinceMs)}`))
}
