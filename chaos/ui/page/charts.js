/** Requests a second and latency, by uPlot. */
import { Component } from '/page/preact.js'
import { html, wholeSeconds } from './view.js'
import { duration } from './words.js'

const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim()

/** Vertical lines where faults were requested and healed. */
function marks(get) {
  return {
    hooks: {
      draw: [
        (chart) => {
          const { ctx } = chart
          for (const { at, isHeal } of get()) {
            const x = Math.round(chart.valToPos(at, 'x', true))
            if (x < chart.bbox.left || x > chart.bbox.left + chart.bbox.width) continue
            ctx.save()
            ctx.strokeStyle = colour(isHeal ? 'met' : 'missed')
            ctx.lineWidth = devicePixelRatio
            ctx.setLineDash(isHeal ? [2, 4] : [])
            ctx.beginPath()
            ctx.moveTo(x, chart.bbox.top)
            ctx.lineTo(x, chart.bbox.top + chart.bbox.height)
            ctx.stroke()
            ctx.restore()
          }
        },
      ],
    },
  }
}

export class Chart extends Component {
  componentDidMount() {
    this.draw = () => {
      this.chart?.destroy()
      this.chart = new uPlot(
        this.props.options(this.frame.clientWidth, () => this.props.marks),
        this.props.data,
        this.frame,
      )
    }
    this.draw()
    this.observer = new ResizeObserver(() =>
      this.chart.setSize({ width: this.frame.clientWidth, height: this.chart.height }),
    )
    this.observer.observe(this.frame)
    this.scheme = matchMedia('(prefers-color-scheme: dark)')
    this.scheme.addEventListener('change', this.draw)
  }

  componentDidUpdate() {
    this.chart.setData(this.props.data)
  }

  componentWillUnmount() {
    this.observer.disconnect()
    this.scheme.removeEventListener('change', this.draw)
    this.chart.destroy()
  }

  render({ label }) {
    return html`<div class="chart" role="img" aria-label=${label} ref=${(element) => {
      this.frame = element
    }}></div>`
  }
}

function axes(format, size = 52) {
  const plain = {
    stroke: colour('quiet'),
    grid: { stroke: colour('grid'), width: 1 },
    ticks: { stroke: colour('grid'), width: 1 },
    font: '12px ui-sans-serif, system-ui, sans-serif',
  }
  return [
    { ...plain, values: (_, at) => at.map((second) => `${second < 0 ? '−' : ''}${Math.abs(second)} s`), space: 60 },
    { ...plain, values: (_, at) => at.map(format), size },
  ]
}

const common = (width, height, get) => ({
  width,
  height,
  cursor: { y: false, points: { size: 5 }, drag: { x: false, y: false } },
  plugins: [marks(get)],
  legend: { live: true },
})
const secondOf = (_, at) => (at === null ? '–' : `${at.toFixed(1).replace('-', '−')} s`)
const whole = (_, value) => (value === null || value === undefined ? '–' : String(value))

/** Stacked: the whole is drawn first, and what is part of it over it. */
export function requestOptions(width, get) {
  const bars = uPlot.paths.bars({ size: [1, Infinity], align: 1, gap: 0 })
  const part = (label, name, value) => ({
    label,
    fill: colour(name),
    stroke: colour(name),
    width: 0,
    paths: bars,
    points: { show: false },
    value,
  })
  const count = (index) => (chart, _, __, at) =>
    at === null ? '–' : String(chart.data[index][at] - (index === 3 ? 0 : chart.data[index + 1][at]))
  return {
    ...common(width, 150, get),
    scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(1, most)] } },
    axes: axes(String),
    series: [
      { label: 'second', value: secondOf },
      part('unknown', 'unknown', count(1)),
      part('rejected', 'rejected', count(2)),
      part('acked', 'acked', whole),
    ],
  }
}

function latencyOptions(width, get) {
  const line = (label, name, dash) => ({
    label,
    stroke: colour(name),
    width: 1.5,
    ...(dash && { dash }),
    points: { show: false },
    spanGaps: false,
    value: (_, ms) => (ms === null || ms === undefined ? '–' : duration(ms)),
  })
  return {
    ...common(width, 150, get),
    scales: { x: { time: false }, y: { distr: 3 } },
    axes: axes((ms) => (ms === null ? '' : duration(ms)), 60),
    series: [
      { label: 'second', value: secondOf },
      line('slowest', 'rejected', [2, 3]),
      line('p99', 'unknown'),
      line('median', 'median'),
    ],
  }
}

/** Seconds of a trial as the charts want them, on the clock of its first fault, and where faults began and ended. */
export function onFaultClock(view, shown) {
  // Bins begin at whole seconds of the trial, and are shown by how far that is from the fault.
  const zero = (view.trial.zeroMs ?? 0) / 1000
  const at = (ms) => ms / 1000 - zero
  return {
    x: shown.map((second) => second.at - zero),
    lines: view.trial.faults.flatMap(({ requestedMs, healedMs }) => [
      { at: at(requestedMs), isHeal: false },
      ...(healedMs === null ? [] : [{ at: at(healedMs), isHeal: true }]),
    ]),
  }
}

/** Stacked from the last to the first: acked, rejected over it, and those without an answer. */
export const stacked = (x, shown) => [
  x,
  shown.map((s) => s.acked + s.rejected + s.unknown),
  shown.map((s) => s.acked + s.rejected),
  shown.map((s) => s.acked),
]

/** Both figures, over the last two minutes or the whole trial. */
export class Charts extends Component {
  constructor() {
    super()
    this.state = { isWhole: false }
  }

  render({ view }, { isWhole }) {
    const all = wholeSeconds(view.seconds)
    const shown = isWhole ? all : all.slice(-120)
    const { x, lines } = onFaultClock(view, shown)
    const positive = (ms) => (ms === null ? null : Math.max(0.1, ms))
    const latency = [x, ...['slowestMs', 'p99Ms', 'p50Ms'].map((name) => shown.map((s) => positive(s[name])))]
    const total = (name) => all.reduce((sum, second) => sum + second[name], 0)
    return html`<section class="figures" aria-labelledby="requests-title">
      <header><h2 id="requests-title">Requests</h2>
        <p class="quiet" data-totals>${total('acked')} acked, ${total('rejected')} rejected, ${total('unknown')} without answer so far</p>
        <button type="button" class="plain" aria-pressed=${isWhole ? 'true' : 'false'} onClick=${() => this.setState({ isWhole: !isWhole })}>whole trial</button></header>
      ${
        all.length === 0
          ? html`<p class="quiet">No request has ended yet.</p>`
          : html`
      <h3>Requests due in each second, by what became of them</h3>
      <${Chart} key="requests" label="Requests due in each second: acked, rejected, without answer" options=${requestOptions} data=${stacked(x, shown)} marks=${lines} />
      <h3>Latency of the acked, from the moment each was due</h3>
      <${Chart} key="latency" label="Latency in each second: median, p99 and slowest" options=${latencyOptions} data=${latency} marks=${lines} />`
      }
    </section>`
  }
}
