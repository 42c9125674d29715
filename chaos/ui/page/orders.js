/**
 * What can be done: break what was chosen, heal, run a scenario or a suite, bring the world up and take it down. Every
 * order is a command that could be typed.
 */

import { Component } from '/page/preact.js'
import { ask, give } from './link.js'
import { html, targetOf } from './view.js'

/** Why nothing can be ordered now; null where something can. */
export function whyNoOrders({ world }) {
  if (world === null) return 'this room only shows'
  return world.isUp === true ? null : (world.why ?? `the world ${world.name} is not up`)
}

/** Breaks what is chosen. It is asked anew when something else is chosen. */
export class Break extends Component {
  constructor() {
    super()
    this.state = { target: null, kinds: null, kind: '', length: '30s', told: {}, problem: null }
  }

  componentDidMount() {
    this.load()
  }

  componentDidUpdate() {
    this.load()
  }

  async load() {
    const target = this.props.chosen === null ? null : targetOf(this.props.chosen)
    if (target === this.state.target) return
    this.setState({ target, kinds: null, kind: '', told: {}, problem: null })
    if (target === null) return
    try {
      const { kinds } = await ask(`/api/choices?target=${encodeURIComponent(target)}`)
      if (this.state.target === target)
        this.setState({ kinds, kind: kinds.find(({ cannot }) => cannot === null)?.kind ?? '' })
    } catch (error) {
      if (this.state.target === target) this.setState({ problem: error.message })
    }
  }

  async order(event) {
    event.preventDefault()
    const { target, kind, length, told, kinds } = this.state
    const { options } = kinds.find((each) => each.kind === kind)
    const given = options
      .map(({ name, example, isNeeded }) => [name, told[name] ?? (isNeeded ? example : '')])
      .filter(([, value]) => value !== '')
    await give(
      {
        do: 'fault',
        kind,
        target,
        ...(length.trim() !== '' && { for: length.trim() }),
        ...(given.length > 0 && { with: given.map(([name, value]) => `${name}=${value}`) }),
      },
      (problem) => this.setState({ problem }),
    )
  }

  render({ chosen }, { target, kinds, kind, length, told, problem }) {
    const name = chosen === null ? '' : targetOf(chosen).replace(':', ' ')
    return html`<section class="orders" aria-labelledby="break-title"><h2 id="break-title">${chosen === null ? 'Break something' : `Break ${name}`}</h2>
      ${chosen === null && html`<p class="quiet">Choose a region, a zone, a node or a link on the map.</p>`}
      ${problem !== null && html`<p class="flag" role="alert">${problem}</p>`}
      ${kinds !== null && target !== null && this.form({ kinds, kind, length, told, name })}
    </section>`
  }

  form({ kinds, kind, length, told, name }) {
    const chosen = kinds.find((each) => each.kind === kind)
    const cannot = kinds.filter((each) => each.cannot !== null)
    return html`<form onSubmit=${(event) => this.order(event)}>
      <label>How <select value=${kind} onChange=${({ target }) => this.setState({ kind: target.value, told: {} })}>${kinds.filter((each) => each.cannot === null).map((each) => html`<option key=${each.kind} value=${each.kind}>${each.kind}: ${each.summary}</option>`)}</select></label>
      ${
        chosen &&
        html`<p>It models that ${chosen.models}.</p>
        <p class="quiet">It does not model: ${chosen.doesNotModel.join('; ')}.</p>
        ${chosen.options.map(
          (option) =>
            html`<label key=${option.name}>${option.name}${option.isNeeded ? '' : ' (may be left out)'} ${
              option.values === null
                ? html`<input value=${told[option.name] ?? (option.isNeeded ? option.example : '')} required=${option.isNeeded} onInput=${({ target }) => this.setState({ told: { ...told, [option.name]: target.value } })} />`
                : html`<select value=${told[option.name] ?? (option.isNeeded ? option.example : '')} onChange=${({ target }) => this.setState({ told: { ...told, [option.name]: target.value } })}>${!option.isNeeded && html`<option value="">as usual</option>`}${option.values.map((value) => html`<option key=${value} value=${value}>${value}</option>`)}</select>`
            }<small>${option.help}</small></label>`,
        )}
        <label>Heal it after <input value=${length} onInput=${({ target }) => this.setState({ length: target.value })} size="6" /><small>such as 30s; empty: until somebody heals it</small></label>
        <button type="submit" class="strong">Break ${name}: ${kind}</button>`
      }
      ${cannot.length > 0 && html`<details><summary>${cannot.length} kinds cannot be done to it</summary><ul>${cannot.map((each) => html`<li key=${each.kind}><b>${each.kind}</b>: ${each.cannot}</li>`)}</ul></details>`}
    </form>`
  }
}

/** Runs a scenario, or a suite of them, in the world that is up. */
export class RunScenario extends Component {
  constructor() {
    super()
    this.state = { scenarios: [], suites: [], name: '', problem: null }
  }

  async componentDidMount() {
    try {
      const { scenarios, suites } = await ask('/api/scenarios')
      this.setState({ scenarios, suites, name: scenarios.find(({ cannot }) => cannot === null)?.name ?? '' })
    } catch (error) {
      this.setState({ problem: error.message })
    }
  }

  async order(event) {
    event.preventDefault()
    const { name, suites } = this.state
    const suite = suites.find((each) => suiteValue(each) === name)
    const order = suite ? { do: 'suite', suite: suite.name } : { do: 'run', scenario: name }
    await give(order, (problem) => this.setState({ problem }))
  }

  render(_, { scenarios, suites, name, problem }) {
    const possible = scenarios.filter(({ cannot }) => cannot === null)
    const chosen = scenarios.find((each) => each.name === name)
    const suite = suites.find((each) => suiteValue(each) === name)
    if (scenarios.length > 0 && possible.length === 0)
      return html`<section class="orders" aria-labelledby="run-title"><h2 id="run-title">Run a scenario</h2>
        <p class="quiet">None applies to this world: <code>npx blackstart list</code> says why.</p></section>`
    return html`<section class="orders" aria-labelledby="run-title"><h2 id="run-title">Run a scenario</h2>
      <form onSubmit=${(event) => this.order(event)}>
        <label>Scenario <select value=${name} onChange=${({ target }) => this.setState({ name: target.value })}>
          <${Shelf} label="scenarios" scenarios=${possible.filter(({ story }) => story === null)} />
          <${Shelf} label="public outages" scenarios=${possible.filter(({ story }) => story !== null)} />
          <optgroup label="suites">${suites.filter(({ trials }) => trials > 0).map((each) => html`<option key=${each.name} value=${suiteValue(each)}>${each.name}: ${scenariosIn(each)}</option>`)}</optgroup>
        </select></label>
        ${suite && html`<p>${scenariosIn(suite)}, one after the other${suite.trials < suite.of ? `; ${suite.of - suite.trials} more do not apply to this world` : ''}.</p><button type="submit">Run the suite ${suite.name}</button>`}
        ${chosen && html`<p>${chosen.title}</p>${chosen.story && html`<${Story} ...${chosen.story} />`}<button type="submit">Run ${name}</button>`}
      </form>
      ${problem !== null && html`<p class="flag" role="alert">${problem}</p>`}
    </section>`
  }
}

/** Among scenarios, whose names have no colon. */
const suiteValue = ({ name }) => `suite:${name}`
const scenariosIn = ({ trials }) => (trials === 1 ? '1 scenario' : `${trials} scenarios`)

function Shelf({ label, scenarios }) {
  if (scenarios.length === 0) return null
  return html`<optgroup label=${label}>${scenarios.map(({ name }) => html`<option key=${name} value=${name}>${name}</option>`)}</optgroup>`
}

/** Of an outage that is re-enacted: whose, what it cost, and how it went. */
function Story({ happened, damage, timeline }) {
  return html`<p><b>${happened}</b>: ${damage}</p>
    <details><summary>What happened then</summary><ul>${timeline.map(({ at, what }, index) => html`<li key=${index}><b>${at}</b>: ${what}</li>`)}</ul></details>`
}

/** Brings the world up where it is not, and takes it down where it is. */
export class WorldOrder extends Component {
  constructor() {
    super()
    this.state = { problem: null }
  }

  async order(what) {
    await give({ do: what }, (problem) => this.setState({ problem }))
  }

  render({ world }, { problem }) {
    const flag = problem !== null && html`<p class="flag" role="alert">${problem}</p>`
    if (!world.isUp)
      return html`<p><button type="button" onClick=${() => this.order('up')}>Bring ${world.name} up</button></p>${flag}`
    // One click more than anything else here: it cannot be undone.
    return html`<section class="orders" aria-labelledby="world-title"><h2 id="world-title">The world</h2>
      <details><summary>Take it down</summary><p>Its containers, networks and volumes are removed. Runs and reports stay.</p>
      <button type="button" onClick=${() => this.order('down')}>Take ${world.name} down</button></details>${flag}</section>`
  }
}

export function OrderList({ orders }) {
  if (orders.length === 0) return null
  return html`<section aria-labelledby="orders-title"><h2 id="orders-title">Orders</h2><ul class="cards" aria-live="polite">
    ${orders.map(({ id, command, state, message }) => html`<li key=${id} class=${state === 'refused' ? 'refused' : ''} data-order=${state}><p><code>${command}</code></p><p class=${state === 'refused' ? 'flag' : 'quiet'}>${state}${message === null ? '' : `: ${message}`}</p></li>`)}</ul></section>`
}
