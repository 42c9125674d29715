/** Draws lanes of states on the time axis. */

import { type Axis, percentOf, shareOf } from '../axis.ts'
import { clipped, offset } from '../format.ts'
import { describeLane, type Gap, type Lane, type LaneGroup, type Spell, type Tone, type Track } from '../lanes.ts'
import { html, type Markup } from '../markup.ts'
import { fittingClass, plot, row, stretched, stretchedPaths, stretchedWidth, swatch } from './figure.ts'

const paddingPx = 3
const tones: Tone[] = ['soft', 'strong', 'other', 'writable', 'busy', 'gone', 'alarm']

/** `before` is the group above: a legend that it already shows is not shown again. */
export function laneGroup(group: LaneGroup, axis: Axis, before?: LaneGroup): Markup {
  const hasGaps = group.lanes.some((lane) => lane.gaps.length > 0)
  const known = JSON.stringify(before?.legend) === JSON.stringify(group.legend)
  const legend = html`<span class="keys">${known ? '' : group.legend.map((entry) => html`${swatch(entry.tone, entry.meaning)} `)}${hasGaps ? swatch('gap', 'not sampled') : ''}</span>`
  return html`<div class="group"><h4>${group.title}</h4>${legend}</div>${group.lanes.map((lane) => laneRow(lane, axis))}`
}

function laneRow(lane: Lane, axis: Axis): Markup {
  let topPx = paddingPx
  const drawn = lane.tracks.map((track) => {
    const placed = { track, topPx }
    topPx += track.heightPx + 1
    return placed
  })
  const heightPx = topPx + paddingPx
  const labels = drawn
    .filter(({ track }) => track.heightPx >= 12)
    .map(({ track, topPx: y }) => spellLabels(track, y, axis))
  return row({
    className: 'lane',
    name: lane.label,
    plot: plot({
      heightPx,
      title: lane.label,
      description: describeLane(lane, (ms) => offset(ms - axis.zeroMs)),
      content: [
        stretchedPaths(
          heightPx,
          drawn.map(({ track, topPx: y }) => trackPaths(track, y, axis)),
        ),
        gapMarks(lane.gaps, heightPx, axis),
        labels,
      ],
    }),
  })
}

function trackPaths(track: Track, topPx: number, axis: Axis): Markup {
  return html`${tones.map((tone) => {
    const spells = track.spells.filter(
      (spell) => spell.tone === tone && spell.toMs >= axis.fromMs && spell.fromMs <= axis.toMs,
    )
    return spells.length === 0 ? '' : html`<path class="tone ${tone}" d="${spellsPath(spells, track, topPx, axis)}"/>`
  })}`
}

/**
 * One path for all spells of a tone. A spell is at least a pixel wide, so that a blip shows; one that falls wholly
 * onto a pixel already drawn is skipped, so that a link flapping all day costs no more than the figure's width.
 */
function spellsPath(spells: readonly Spell[], track: Track, topPx: number, axis: Axis): string {
  const { yPx, heightPx } = shape(track, topPx, spells[0]?.tone ?? 'soft')
  let drawnTo = -Infinity
  return spells
    .map((spell) => {
      const from = Math.min(Number(stretched(axis, spell.fromMs)), stretchedWidth - 1)
      const to = Math.max(from + 1, Number(stretched(axis, spell.toMs)))
      if (to <= drawnTo + 0.5) return ''
      drawnTo = to
      return `M${from} ${yPx}H${to.toFixed(1)}v${heightPx}H${from}z`
    })
    .join('')
}

function shape(track: Track, topPx: number, tone: Tone): { yPx: number; heightPx: number } {
  const inner = { strong: 1, other: 1, soft: 1, writable: 1, alarm: 1, busy: 0.5, gone: 0 }[tone]
  const heightPx = inner === 0 ? 2 : track.heightPx * inner
  return { yPx: topPx + (track.heightPx - heightPx) / 2, heightPx }
}

/** The state's name inside its bar where it fits, so that the legend is needed only for the short ones. */
function spellLabels(track: Track, topPx: number, axis: Axis): Markup {
  return html`${track.spells.map((spell) => {
    const share = shareOf(axis, spell.toMs) - shareOf(axis, spell.fromMs)
    const className = fittingClass(share, spell.state)
    if (className === null || spell.tone === 'busy') return ''
    const line = spell.tone === 'gone' ? ' on-line' : ''
    return html`<text class="${className} ${spell.tone}${line}" x="${percentOf(axis, Math.max(spell.fromMs, axis.fromMs))}" dx="5" y="${topPx + track.heightPx / 2 + 4}">${spell.state}</text>`
  })}`
}

/** As with spells: a gap that falls wholly onto what is already marked is skipped. */
function gapMarks(gaps: readonly Gap[], heightPx: number, axis: Axis): Markup[] {
  let markedTo = -Infinity
  return gaps
    .toSorted((a, b) => a.fromMs - b.fromMs)
    .flatMap((gap) => {
      if (gap.toMs < axis.fromMs || gap.fromMs > axis.toMs) return []
      const from = shareOf(axis, gap.fromMs) * 100
      const width = Math.max(0.15, shareOf(axis, gap.toMs) * 100 - from)
      if (from + width <= markedTo + 0.15) return []
      markedTo = from + width
      return [gapMark(gap, width, heightPx, axis)]
    })
}

function gapMark(gap: Gap, width: number, heightPx: number, axis: Axis): Markup {
  return html`<rect class="gap" x="${percentOf(axis, gap.fromMs)}" width="${width.toFixed(2)}%" y="0" height="${heightPx}"><title>not sampled: ${clipped(gap.reason)}</title></rect>`
}
