/** The map: sites, zones, nodes and links, each of which can be chosen. */

import { Component } from '/page/preact.js'
import { layOut } from './layout.js'
import { html, targetOf } from './view.js'
import { cut, duration } from './words.js'

const healthSigns = { well: '', broken: '✕', unseen: '?' }

/** Keeps the width that it has room for. */
export class WorldMap extends Component {
  constructor() {
    super()
    this.state = { width: 0 }
  }

  componentDidMount() {
    this.observer = new ResizeObserver(([entry]) => this.setState({ width: Math.floor(entry.contentRect.width) }))
    this.observer.observe(this.frame)
  }

  componentWillUnmount() {
    this.observer.disconnect()
  }

  render({ world, chosen, choose }, { width }) {
    const room = Math.max(280, width)
    const { boxes, links, height } = layOut({ ...world, width: room })
    return html`<div class="map" ref=${(element) => {
      this.frame = element
    }}>
      ${
        width > 0 &&
        html`<svg width=${room} height=${height} viewBox=${`0 0 ${room} ${height}`} role="group" aria-label="Map of the world">
        ${links.map((place) => html`<${Link} key=${place.link.name} place=${place} chosen=${chosen} choose=${choose} />`)}
        ${boxes.map((box) => html`<${Site} key=${box.site.name} box=${box} chosen=${chosen} choose=${choose} />`)}
      </svg>`
      }
    </div>`
  }
}

/** What makes a shape a button. Its name is its title, or its text where it has none. */
function button(thing, { chosen, choose }) {
  const isChosen = chosen !== null && targetOf(chosen) === targetOf(thing)
  return {
    role: 'button',
    tabindex: 0,
    'aria-pressed': isChosen ? 'true' : 'false',
    onClick: () => choose(isChosen ? null : thing),
    onKeyDown: (event) => {
      if (event.key !== 'Enter' && event.key !== ' ') return
      event.preventDefault()
      choose(isChosen ? null : thing)
    },
  }
}

function Site({ box, chosen, choose }) {
  const { site, x, y, width, height } = box
  const kind = site.kind === 'region' ? 'region' : 'site'
  const label = site.kind === 'region' ? `region ${site.name}` : site.name
  return html`<g>
    <rect class="site" x=${x} y=${y} width=${width} height=${height} rx="4" />
    <g class="pick" ...${button({ kind, name: site.name }, { chosen, choose })}>
      <rect class="hit" x=${x + 1} y=${y + 1} width=${width - 2} height="24" rx="3" />
      <text class="site-name" x=${x + 8} y=${y + 17}>${cut(label, width / 7.6)}</text>
    </g>
    ${box.zones.map(
      (
        zone,
      ) => html`<g class="pick" key=${zone.name} ...${button({ kind: 'zone', name: zone.name }, { chosen, choose })}>
      <rect class="hit" x=${zone.x} y=${zone.y} width=${zone.width} height="16" rx="3" />
      <text class="zone-name" x=${zone.x + 1} y=${zone.y + 12}>${cut(`zone ${zone.name}`, zone.width / 6)}</text>
    </g>`,
    )}
    ${box.nodes.map((place) => html`<${Node} key=${place.node.name} place=${place} chosen=${chosen} choose=${choose} />`)}
  </g>`
}

function Node({ place, chosen, choose }) {
  const { node, x, y, width, height } = place
  const words = [node.role === 'database' ? null : node.role, ...node.words].filter((word) => word !== null)
  const label = `${node.name}, ${words.join(', ')}`
  const sign = node.leads ? `★ ${healthSigns[node.health]}` : healthSigns[node.health]
  return html`<g class=${`pick node is-${node.health} ${node.writable ? 'writable' : ''}`} data-node=${node.name} ...${button({ kind: 'node', name: node.name }, { chosen, choose })}>
    <title>${label}</title>
    <rect class="box" x=${x} y=${y} width=${width} height=${height} rx="3" />
    <rect class="bar" x=${x} y=${y} width="5" height=${height} />
    <text class="node-name" x=${x + 12} y=${y + 16}>${cut(node.name, (width - (sign ? 34 : 16)) / 7.2)}</text>
    <text class="node-words" x=${x + 12} y=${y + 31}>${cut(shortWords(node), (width - 16) / 6)}</text>
    ${sign && html`<text class="sign" x=${x + width - 6} y=${y + 16} text-anchor="end">${sign.trim()}</text>`}
  </g>`
}

/** The worst first: there is room for few. */
function shortWords({ words, writable, role }) {
  const broken = words.find((word) => word.startsWith('broken by'))
  const first = role === 'database' ? words[0] : `${role}, ${words[0]}`
  if (broken) return `${role === 'database' ? words[0] : role}, ${broken}`
  return writable && words.includes('accepts writes') && words[0] !== 'accepts writes'
    ? `${first}, accepts writes`
    : first
}

const broad = { answers: 'answers', half: 'half silent', silent: 'silent', unseen: 'not observed' }

/** The worst of both directions; of one that is worse than the other, which one it is, where there is room for that. */
function linkLabel({ there, back, faults }, room) {
  const [worst, other] =
    ['silent', 'half', 'unseen', 'answers'].indexOf(there.health) <=
    ['silent', 'half', 'unseen', 'answers'].indexOf(back.health)
      ? [there, back]
      : [back, there]
  const isBad = worst.health === 'silent' || worst.health === 'half'
  const trip = there.roundTripMs ?? back.roundTripMs
  if (worst.health === 'answers') return { text: trip === null ? 'answers' : duration(trip), isBad: faults.length > 0 }
  const sign = isBad ? '✕ ' : ''
  const which = `${sign}${worst.from}→${worst.to} ${broad[worst.health]}`
  if (worst.health === other.health || which.length * 7 > room) return { text: `${sign}${broad[worst.health]}`, isBad }
  return { text: which, isBad }
}

/** In a sentence, for screen readers and the pointer. */
export function linkWords({ sites, there, back, faults, latencyMs }) {
  const way = ({ from, to, health, roundTripMs }) =>
    `${from} to ${to} ${broad[health]}${roundTripMs === null ? '' : `, there and back in ${duration(roundTripMs)} when last measured`}`
  return `link ${sites.join('-')}: ${way(there)}; ${way(back)}${latencyMs > 0 ? `; its settings add ${duration(latencyMs)} each way` : ''}${faults.map((name) => `; broken by ${name}`).join('')}`
}

function Link({ place, chosen, choose }) {
  const { link, x1, y1, x2, y2, isFlipped, isLevel, room } = place
  const [first, second] = isFlipped ? [link.back, link.there] : [link.there, link.back]
  const length = Math.hypot(x2 - x1, y2 - y1) || 1
  const [dx, dy] = [(-(y2 - y1) / length) * 4, ((x2 - x1) / length) * 4]
  const [cx, cy] = [(x1 + x2) / 2, (y1 + y2) / 2]
  const { text, isBad } = linkLabel(link, room)
  const line = (way, side, ends) =>
    html`<line class=${`way is-${way.health} ${link.faults.length > 0 ? 'acted' : ''}`} x1=${ends[0] + side * dx} y1=${ends[1] + side * dy} x2=${ends[2] + side * dx} y2=${ends[3] + side * dy} />`
  const head = (side, at, towards) => arrow(at[0] + side * dx, at[1] + side * dy, towards[0], towards[1])
  const unit = [(x2 - x1) / length, (y2 - y1) / length]
  return html`<g class="pick link" data-link=${link.name} ...${button({ kind: 'link', name: link.sites.join('-'), sites: link.sites }, { chosen, choose })}>
    <title>${linkWords(link)}</title>
    <line class="hit" x1=${x1} y1=${y1} x2=${x2} y2=${y2} />
    ${line(first, -1, [x1, y1, x2, y2])}${line(second, 1, [x1, y1, x2, y2])}
    <path class=${`head is-${first.health}`} d=${head(-1, [x2, y2], unit)} />
    <path class=${`head is-${second.health}`} d=${head(1, [x1, y1], [-unit[0], -unit[1]])} />
    <text class=${`link-label ${isBad ? 'bad' : ''}`} x=${cx} y=${isLevel ? cy - 10 : cy + 4} text-anchor="middle">${text}</text>
  </g>`
}

function arrow(x, y, ux, uy) {
  const [bx, by] = [x - ux * 7, y - uy * 7]
  return `M${x} ${y}L${bx - uy * 3.5} ${by + ux * 3.5}L${bx + uy * 3.5} ${by - ux * 3.5}Z`
}
