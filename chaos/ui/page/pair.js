/** Two runs side by side: what is compared of their verdicts, and their requests on one time axis. */

import { Component } from '/page/preact.js'
import { Chart, onFaultClock, requestOptions, stacked } from './charts.js'
import { askInto, follow } from './link.js'
import { emptyView, html, wholeSeconds, withFrame } from './view.js'

export class Pair extends Component {
  constructor() {
    super()
    this.state = { rows: null, problem: null, views: [emptyView(), emptyView()] }
  }

  componentDidMount() {
    const runs = [this.props.first, this.props.second]
    this.closes = runs.map((run, index) =>
      follow(run, {
        take: (frame) => {
          // A browser has six connections to a server, for all its pages.
          if (frame.trial?.closed) this.closes[index]()
          this.setState(({ views }) => ({
            views: views.map((view, each) => (each === index ? withFrame(view, frame, performance.now()) : view)),
          }))
        },
        lost: () => {},
      }),
    )
    return askInto(this, `/api/pair?first=${encodeURIComponent(runs[0])}&second=${encodeURIComponent(runs[1])}`)
  }

  componentWillUnmount() {
    for (const close of this.closes) close()
  }

  render({ first, second }, { rows, problem, views }) {
    if (problem !== null) return html`<p class="flag" role="alert">${problem}</p>`
    const link = (run) => html`<a href=${`#/run/${encodeURIComponent(run)}`}>${run}</a>`
    return html`<section class="pair" aria-labelledby="pair-title"><h2 id="pair-title">Two runs side by side</h2>
      ${
        rows === null
          ? html`<p class="quiet">Reading the verdicts…</p>`
          : html`<div class="scroll" tabindex="0" role="region" aria-labelledby="pair-title"><table>
        <thead><tr><td></td><th scope="col">${link(first)}</th><th scope="col">${link(second)}</th><th scope="col">the second differs by</th></tr></thead>
        ${groupsOf(rows).map((group, index) => html`<tbody key=${index}>${group.map(({ label, values, differs }, each) => html`<tr key=${each}><th scope="row">${label}</th><td class="number">${values[0]}</td><td class="number">${values[1]}</td><td class="number">${differs}</td></tr>`)}</tbody>`)}</table></div>`
      }
      ${views.every(({ trial }) => trial?.facts) ? html`<${Requests} names=${[first, second]} views=${views} />` : html`<p class="quiet">Reading the requests…</p>`}
    </section>`
  }
}

/** Between two of them stands nothing. */
function groupsOf(rows) {
  const groups = [[]]
  for (const row of rows) {
    if (row === null) groups.push([])
    else groups.at(-1).push(row)
  }
  return groups
}

/** From the first moment of either to the last, so that what happened at once stands at one place. */
function Requests({ names, views }) {
  const told = views.map((view) => {
    const all = wholeSeconds(view.seconds)
    return { all, ...onFaultClock(view, all) }
  })
  const moments = told.flatMap(({ x }) => x)
  if (moments.length === 0) return html`<p class="quiet">Neither has a request.</p>`
  const range = [Math.min(...moments), Math.max(...moments) + 1]
  const options = (width, get) => {
    const usual = requestOptions(width, get)
    return { ...usual, scales: { ...usual.scales, x: { time: false, range: () => range } } }
  }
  return html`<section class="figures" aria-labelledby="pair-requests"><h2 id="pair-requests">Requests due in each second, from the first fault on</h2>
    ${told.map(({ all, x, lines }, index) => html`<h3 key=${`${names[index]} ${index}`}>${names[index]}</h3><${Chart} key=${`${range} ${index}`} label=${`Requests of ${names[index]} in each second: acked, rejected, without answer`} options=${options} data=${stacked(x, all)} marks=${lines} />`)}</section>`
}
