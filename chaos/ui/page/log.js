/** The log of what observers saw, the newest first. */
import { html, targetOf } from './view.js'
import { moment } from './words.js'

/** So many lines are shown; the journal has all. */
const shownAtMost = 400

/** What a line must be about, where something is chosen: a site means all that stands in it. */
function aboutChosen(chosen, world) {
  if (chosen === null) return null
  if (chosen.kind === 'node') return new Set([chosen.name])
  if (chosen.kind === 'link')
    return new Set(world.links.filter(({ sites }) => sites.join() === chosen.sites.join()).map(({ name }) => name))
  const inside = world.nodes.filter(
    (node) => (chosen.kind === 'zone' ? `${node.site}/${node.zone}` : node.site) === chosen.name,
  )
  return new Set([...inside.map(({ name }) => name), ...(chosen.kind === 'zone' ? [] : [chosen.name])])
}

/** Of a link: what is about both its ends, as pings are. */
function concerns(line, about, chosen) {
  if (about === null) return true
  if (chosen.kind === 'link' && chosen.sites.every((site) => line.about.includes(site))) return true
  return line.about.some((name) => about.has(name))
}

export function Log({ view, world, chosen, choose }) {
  const about = aboutChosen(chosen, world)
  const lines = view.log.filter((line) => concerns(line, about, chosen))
  const shown = lines.slice(-shownAtMost).toReversed()
  return html`<section class="log" aria-labelledby="log-title">
    <header><h2 id="log-title">Log</h2>
      <p class="quiet">${chosen === null ? `${lines.length} lines, the newest first; choose something on the map to see its own` : `${lines.length} of ${view.log.length} lines, about ${targetOf(chosen).replace(':', ' ')}`}</p>
      ${chosen !== null && html`<button type="button" class="plain" onClick=${() => choose(null)}>show all</button>`}</header>
    <div class="scroll" tabindex="0" role="region" aria-labelledby="log-title">
      <table><thead class="unseen"><tr><th scope="col">when</th><th scope="col">what</th><th scope="col">who saw it</th></tr></thead>
      <tbody>${shown.map(
        (line, index) => html`<tr key=${view.log.length - index} class=${line.mood}>
        <td class="number">${moment(line.atMs, view.trial.zeroMs)}</td><td>${line.text}</td><td class="quiet">${line.observer}</td></tr>`,
      )}</tbody></table>
    </div>
    ${lines.length > shown.length && html`<p class="quiet">${lines.length - shown.length} older lines are in the journal and the report.</p>`}
  </section>`
}
