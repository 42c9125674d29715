/** The control room's page: one room for the run that is shown, the list of runs, and a report. */

import { Component, render } from '/page/preact.js'
import { Charts } from './charts.js'
import { ask, follow, give } from './link.js'
import { Report, Runs } from './list.js'
import { Log } from './log.js'
import { WorldMap } from './map.js'
import { Break, OrderList, RunScenario, WorldOrder, whyNoOrders } from './orders.js'
import { Pair } from './pair.js'
import { Clock, Faults, Objectives, Pace, Phases, VerdictPanel } from './panels.js'
import { emptyView, html, withFrame } from './view.js'

/** The key was in the address; the cookie has it now. */
if (location.search !== '') history.replaceState(null, '', `/${location.hash}`)

/** `#/` what is newest, `#/run/<name>`, `#/runs`, `#/report/<name>`, `#/pair/<name>/<name>`. */
function place() {
  const [, where = '', ...names] = location.hash.split('/')
  const [name = null, other = null] = names.map(decodeURIComponent)
  return { where, name, other }
}

class Room extends Component {
  constructor() {
    super()
    this.state = { ...place(), view: emptyView(), chosen: null, isLost: false, problem: null, nowMs: performance.now() }
  }

  componentDidMount() {
    addEventListener('hashchange', () => {
      this.setState({ ...place(), chosen: null })
      this.connect()
    })
    setInterval(() => this.setState({ nowMs: performance.now() }), 250)
    this.connect()
  }

  connect() {
    const { where, name } = place()
    const run = where === 'run' ? name : null
    if (this.close && run === this.run) return
    this.close?.()
    this.run = run
    this.view = emptyView()
    this.setState({ view: this.view })
    this.close = follow(run, {
      take: (frame) => {
        // Two frames may come before the state is drawn.
        const before = this.view
        this.view = withFrame(before, frame, performance.now())
        announce(before, this.view)
        this.setState({ view: this.view, isLost: false })
      },
      lost: (isOver) => {
        this.view = { ...this.view, isConnected: false }
        this.setState({ isLost: isOver, view: this.view })
      },
    })
  }

  async heal(faultId) {
    await give({ do: 'heal', ...(faultId !== undefined && { faultId }) }, (problem) => this.setState({ problem }))
  }

  render(_, state) {
    const { where, name, other, view, isLost, problem } = state
    const why = whyNoOrders(view.aside)
    return html`<div class="room">
      <header class="top">
        <h1>Blackstart</h1>
        <nav aria-label="Pages"><a href="#/" aria-current=${where === '' ? 'page' : undefined}>Now</a><a href="#/runs" aria-current=${where === 'runs' ? 'page' : undefined}>Runs</a></nav>
        <${Standing} view=${view} isLost=${isLost} />
        ${why === null && html`<button type="button" class="strong heal-all" onClick=${() => this.heal()}>Heal everything</button>`}
      </header>
      <main>
        ${problem !== null && html`<p class="flag" role="alert">${problem}</p>`}
        ${where === 'runs' ? html`<${Runs} why=${why} />` : where === 'report' && name !== null ? html`<${Report} run=${name} />` : where === 'pair' && other !== null ? html`<${Pair} key=${`${name}/${other}`} first=${name} second=${other} />` : this.now(state, why)}
      </main>
    </div>`
  }

  now({ view, chosen, nowMs, where }, why) {
    if (!view.hasHeard) return html`<p class="quiet">Asking for the run…</p>`
    const isNow = where === ''
    const choose = (thing) => this.setState({ chosen: thing })
    const orders = isNow && html`<${Orders} aside=${view.aside} chosen=${chosen} why=${why} />`
    const isElsewhere = view.run === null || view.trial?.facts?.world !== view.aside.world?.name
    if (isNow && why === null && isElsewhere)
      return html`<${Idle} view=${view} chosen=${chosen} choose=${choose}>${orders}</${Idle}>`
    if (!view.trial?.facts) return html`<${Nothing} view=${view} />${orders}`
    const heal = isNow && why === null ? (faultId) => this.heal(faultId) : null
    return html`<${Trial} view=${view} nowMs=${nowMs} chosen=${chosen} choose=${choose} heal=${heal}>${orders}</${Trial}>`
  }
}

function Nothing({ view }) {
  return html`<section><h2>${view.run ?? 'No run yet'}</h2>
    ${view.problem ? html`<p class="flag">${view.problem}</p>` : ''}
    <p>${view.run === null ? 'Nothing is recorded yet. As soon as a trial or a drill begins, it is shown here.' : 'The journal has no event yet.'}</p></section>`
}

function Orders({ aside, chosen, why }) {
  const isDown = aside.world?.isUp === false
  if (why !== null)
    return html`<section class="orders"><h2>Orders</h2><p class="quiet">${isDown ? 'Nothing can be broken' : 'None can be given'} now: ${why}.</p>
      ${isDown && html`<${WorldOrder} world=${aside.world} />`}</section><${OrderList} orders=${aside.orders} />`
  return html`<${Break} chosen=${chosen} /><${OrderList} orders=${aside.orders} /><${RunScenario} /><${WorldOrder} world=${aside.world} />`
}

function Trial({ view, nowMs, chosen, choose, heal, children }) {
  const { trial } = view
  const { facts } = trial
  const world = { sites: facts.sites, nodes: trial.nodes, links: trial.links }
  const pace = facts.byHand ? 'by hand' : `${facts.ratePerSecond} requests/s`
  return html`<div class="title"><h2 id="trial-title">${facts.title}</h2>
      <p class="quiet">${facts.scenario}, run ${view.run}, world ${facts.world}, ${pace}, started ${facts.startedAt.replace('T', ' ').slice(0, 19)} UTC</p></div>
    ${view.problem !== null && html`<p class="flag" role="alert">${view.problem}. What was read before it is shown.</p>`}
    <${VerdictPanel} view=${view} />
    <div class="grid">
      <div class="wide">
        <section class="world" aria-labelledby="map-title"><header><h2 id="map-title">Map</h2><p class="quiet">${view.state === 'running' ? 'as observers see it now' : 'as observers last saw it'}</p></header>
          <${WorldMap} world=${world} chosen=${chosen} choose=${choose} /><${Chosen} world=${world} chosen=${chosen} /></section>
        <${Charts} view=${view} />
        <${Log} view=${view} world=${world} chosen=${chosen} choose=${choose} />
      </div>
      <div class="side">
        <${Clock} view=${view} nowMs=${nowMs} /><${Faults} view=${view} nowMs=${nowMs} heal=${heal} />${children}
        <${Pace} view=${view} nowMs=${nowMs} /><${Phases} view=${view} /><${Objectives} view=${view} />
      </div>
    </div>`
}

/** The world that orders go to, while nothing was recorded in it, or only elsewhere since. */
class Idle extends Component {
  constructor() {
    super()
    this.state = { world: null, problem: null }
  }

  componentDidMount() {
    this.load()
  }

  /** A world that comes up has more nodes with each look. */
  componentDidUpdate({ view }) {
    if (view.aside.world?.nodes !== this.props.view.aside.world.nodes) this.load()
  }

  async load() {
    try {
      this.setState({ world: await ask('/api/world'), problem: null })
    } catch (error) {
      this.setState({ problem: error.message })
    }
  }

  render({ view, chosen, choose, children }, { world, problem }) {
    return html`<div class="title"><h2>The world ${view.aside.world.name} is up</h2><p class="quiet">Nobody observes it now: that begins with a fault or a scenario.
      ${view.run !== null && html` The newest run was in another world: <a href=${`#/run/${encodeURIComponent(view.run)}`}>${view.run}</a>.`}</p></div>
      ${problem !== null && html`<p class="flag" role="alert">${problem}</p>`}
      <div class="grid"><div class="wide">${world !== null && html`<section class="world" aria-labelledby="map-title"><header><h2 id="map-title">Map</h2></header><${WorldMap} world=${world} chosen=${chosen} choose=${choose} /></section>`}</div><div class="side">${children}</div></div>`
  }
}

/** What is chosen, in all the words that are known of it. */
function Chosen({ world, chosen }) {
  if (chosen === null) return null
  const nodes =
    chosen.kind === 'link'
      ? []
      : world.nodes.filter(
          (node) =>
            (chosen.kind === 'node' ? node.name : chosen.kind === 'zone' ? `${node.site}/${node.zone}` : node.site) ===
            chosen.name,
        )
  return html`<div class="chosen" aria-live="polite">${nodes.map((node) => html`<p key=${node.name}><b>${node.name}</b> <span class="quiet">${node.role}</span> ${node.words.join('; ')}</p>`)}
    ${
      chosen.kind === 'link' &&
      html`<p>${world.links
        .filter(({ sites }) => sites.join() === chosen.sites.join())
        .flatMap(({ there, back }) => [there, back])
        .map(
          (way) =>
            `${way.from} to ${way.to}: ${way.health === 'unseen' ? 'not observed' : way.health}${way.heard === null ? '' : way.heard ? ', pings arrive' : ', pings do not arrive'}`,
        )
        .join('; ')}</p>`
    }</div>`
}

/** Whether the page still hears the server, and what is up. */
function Standing({ view, isLost }) {
  if (isLost)
    return html`<p class="standing flag" role="alert">The control room was closed. Start it again, and open its new address.</p>`
  if (view.hasHeard && !view.isConnected)
    return html`<p class="standing flag" role="alert">The control room does not answer; the page tries again.</p>`
  const { world } = view.aside
  if (world === null) return html`<p class="standing quiet"></p>`
  const up =
    world.isUp === null
      ? `whether ${world.name} is up is not known`
      : world.isUp
        ? `world ${world.name} is up`
        : `world ${world.name} is not up`
  return html`<p class="standing quiet">${up}${world.usedBy === null ? '' : `, used by "${world.usedBy}"`}</p>`
}

/** For screen readers: a fault, a heal, a verdict. */
function announce(before, after) {
  if (before.run !== after.run || !before.trial || !after.trial) return
  const news = []
  for (const fault of after.trial.faults) {
    const known = before.trial.faults.find(({ faultId }) => faultId === fault.faultId)
    if (!known) news.push(`Fault: ${fault.name}`)
    else if (known.healedMs === null && fault.healedMs !== null) news.push(`Healed: ${fault.name}`)
  }
  if (before.trial.leader !== after.trial.leader)
    news.push(
      after.trial.leader === null ? 'The leader key is gone' : `The leader key is held by ${after.trial.leader}`,
    )
  if (before.state !== 'abandoned' && after.state === 'abandoned')
    news.push('The process that wrote this trial is gone')
  if (!before.reading?.isFinal && after.reading?.isFinal)
    news.push(`Verdict: ${after.reading.verdictWord}. ${after.reading.summary}`)
  if (news.length > 0) document.getElementById('news').textContent = news.join('. ')
}

const root = document.getElementById('room')
root.replaceChildren()
render(html`<${Room} />`, root)
