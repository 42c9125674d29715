/** A row for each fault, from its request to its proved heal, with its name in the bar or beside it. */

import type { Verdict } from '../../judge/verdict.ts'
import { faultName, nothing } from '../../judge/words.ts'
import { type Axis, percentOf, shareOf } from '../axis.ts'
import { html, type Markup } from '../markup.ts'
import { cut } from '../text.ts'
import { type Fit, fitClass, plotWidthsPx, row } from './figure.ts'

const heightPx = 20
const pxPerCharacter = 7
const paddingPx = 12
/** A switchover is over at once; its bar must still be seen. */
const leastShare = 0.004

export interface FaultWindow {
  label: string
  fromMs: number
  toMs: number
  healed: boolean
}

/** In the order of their requests. The control does nothing, and so has no window. */
export function faultWindows(verdict: Verdict, axis: Axis): FaultWindow[] {
  return verdict.faults
    .filter((fault) => fault.target !== nothing)
    .map((fault) => ({
      label: faultName(fault),
      fromMs: fault.requestedMs,
      toMs: fault.healedMs ?? fault.healRequestedMs ?? axis.toMs,
      healed: fault.healedMs !== null,
    }))
}

export function faultRows(windows: readonly FaultWindow[], axis: Axis): Markup {
  const visible = windows.filter((window) => window.toMs >= axis.fromMs && window.fromMs < axis.toMs)
  return html`${visible.map((window, index) => {
    const shares = { fromShare: shareOf(axis, window.fromMs), toShare: shareOf(axis, window.toMs) }
    const share = Math.max(leastShare, shares.toShare - shares.fromShare)
    const text = `${window.label}${window.healed ? '' : ', not healed'}`
    return row({
      className: 'fault',
      name: index > 0 ? '' : visible.length === 1 ? 'Fault' : 'Faults',
      plot: html`<svg class="chart" role="img" width="100%" height="${heightPx}"><title>${text}</title>
        <rect class="fault" x="${percentOf(axis, window.fromMs)}" width="${(share * 100).toFixed(3)}%" y="1" height="${heightPx - 2}"/>
        ${(['wide', 'narrow'] as const).map((fit) => faultLabel(placeLabel({ ...shares, text, fit }), fit))}</svg>`,
    })
  })}`
}

export interface Placed {
  place: 'inside' | 'right' | 'left'
  share: number
  text: string
}

/**
 * Inside the bar if the name fits there, else beside it; where it fits nowhere it is cut, at the place with the most
 * room.
 */
export function placeLabel({
  fromShare,
  toShare,
  text,
  fit,
}: {
  fromShare: number
  toShare: number
  text: string
  fit: Fit
}): Placed {
  const room = (share: number): number => Math.floor((share * plotWidthsPx[fit] - paddingPx) / pxPerCharacter)
  const places = [
    { place: 'inside', share: fromShare, characters: room(toShare - fromShare) },
    { place: 'right', share: toShare, characters: room(1 - toShare) },
    { place: 'left', share: fromShare, characters: room(fromShare) },
  ] as const
  const [first] = places
  const { place, share, characters } =
    places.find((candidate) => candidate.characters >= text.length) ??
    places.reduce((best, candidate) => (candidate.characters > best.characters ? candidate : best), first)
  return { place, share, text: cut(text, characters) }
}

function faultLabel({ place, share, text }: Placed, fit: Fit): Markup {
  const className = `label ${place === 'inside' ? 'on-fault' : 'beside-fault'} ${fitClass(fit)}`
  const [anchor, dx] = place === 'left' ? ['end', -6] : ['start', 6]
  return html`<text class="${className}" x="${(share * 100).toFixed(3)}%" dx="${dx}" y="${heightPx / 2 + 4}" text-anchor="${anchor}">${text}</text>`
}
