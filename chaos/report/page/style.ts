/**
 * The page's style sheet. Colours are Okabe and Ito's, which people with any colour vision tell apart, toned down where
 * they fill areas.
 */

const light = `
  --paper: #ffffff; --ink: #1b1d20; --quiet: #5a6068; --rule: #dfe2e6; --grid: #e8eaed; --wash: #f5f6f8;
  --acked: #9dbfdb; --rejected: #c24a00; --unknown: #e69a5c;
  --median: #0b4a7a; --band: #c3d7e8; --limit: #8a5200;
  --strong: #0b5c96; --other: #4a3f8f; --soft: #bcd3e6; --busy: #d9a520; --gone: #c24a00; --writable: #00805f;
  --on-strong: #ffffff; --on-soft: #17324a; --shade: rgba(194, 74, 0, .055); --fault: #f3dccd; --on-fault: #6b2900;
  --met: #00694d; --missed: #b03f00; --inconclusive: #5b4b9a;
  --detect: #0b4a7a; --elect: #2f7fb8; --promote: #6aaedb; --route: #a5cdea; --settle: #b9bfc6; --on-dark: #ffffff; --on-light: #14202b;`

const dark = `
  --paper: #15171a; --ink: #e6e8ea; --quiet: #a0a7af; --rule: #33383e; --grid: #272b30; --wash: #1d2024;
  --acked: #3f6d93; --rejected: #ff8a45; --unknown: #b3622c;
  --median: #9fd0f5; --band: #2c4a63; --limit: #e0b060;
  --strong: #5aaee6; --other: #a99cf0; --soft: #2b4a63; --busy: #d9a520; --gone: #ff8a45; --writable: #35c79c;
  --on-strong: #0b1a26; --on-soft: #d3e4f2; --shade: rgba(255, 138, 69, .07); --fault: #4a2a17; --on-fault: #ffc9a6;
  --met: #4fd0a5; --missed: #ff9a5e; --inconclusive: #b5a8f5;
  --detect: #86c5f2; --elect: #5aa3d8; --promote: #3876a6; --route: #2f6289; --settle: #66707a; --on-dark: #0b1a26; --on-light: #e6eef5;`

const text = `
*, *::before, *::after { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.5 ui-sans-serif, system-ui, -apple-system, "Segoe UI", "Liberation Sans", sans-serif; }
main { max-width: 70rem; margin: 0 auto; padding: 2.5rem 1.5rem 4rem; overflow-wrap: break-word; }
p { margin: 0 0 .5rem; max-width: 44rem; text-wrap: pretty; }
h1 { margin: 0 0 .25rem; font-size: 3rem; line-height: 1.1; letter-spacing: -.02em; font-weight: 650; }
h2 { margin: 3.25rem 0 .75rem; font-size: 1.25rem; line-height: 1.3; font-weight: 650; }
h3 { margin: 1.75rem 0 .5rem; font-size: 1rem; font-weight: 650; }
h4 { margin: 0; font-size: .8125rem; font-weight: 650; }
small { display: block; font-size: .8125rem; line-height: 1.4; color: var(--quiet); font-weight: 400; }
.quiet, small.quiet { color: var(--quiet); font-size: .875rem; }
.summary { font-size: 1.25rem; line-height: 1.4; max-width: 50rem; text-wrap: balance; }
.story { color: var(--quiet); }
.met { color: var(--met); } .missed { color: var(--missed); } .inconclusive { color: var(--inconclusive); }
.flag { color: var(--missed); }
.absent { color: var(--quiet); font-weight: 400; }
.warning { margin-top: 1rem; padding: .75rem 1rem; border-left: 3px solid var(--inconclusive); background: var(--wash); max-width: 52rem; }
ul { margin: .25rem 0 0; padding-left: 1.1rem; }
.numbers { display: grid; grid-template-columns: repeat(4, minmax(0, 1fr)); gap: 1.25rem 1.5rem; margin: 2rem 0 0; padding: 1.25rem 0; border: solid var(--rule); border-width: 1px 0; }
.numbers dt { font-size: .8125rem; color: var(--quiet); }
.numbers dd { margin: 0; }
.numbers .value { overflow-wrap: normal; font-size: 1.625rem; line-height: 1.25; font-weight: 600; letter-spacing: -.01em; font-variant-numeric: tabular-nums; }
.numbers .value.words, .numbers .value.absent { font-size: 1.125rem; line-height: 1.3; padding-top: .3rem; }
.numbers .value.absent { font-weight: 400; }
.numbers .note { font-size: .8125rem; line-height: 1.35; color: var(--quiet); text-wrap: pretty; }
.scroll { overflow-x: auto; } .scroll + p { margin-top: .6rem; }
table { border-collapse: collapse; width: 100%; font-size: .9375rem; }
.narrow-table { width: auto; min-width: 22rem; }
th, td { text-align: left; vertical-align: top; padding: .4rem 1.25rem .4rem 0; border-bottom: 1px solid var(--rule); font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { font-size: .8125rem; color: var(--quiet); padding-bottom: .25rem; }
td, .number { font-variant-numeric: tabular-nums; }
.verdict { white-space: nowrap; font-weight: 600; }
.objectives td { white-space: nowrap; }
.faults th, .faults td:not(:last-child), .validity th, .figures th, .figures td { white-space: nowrap; }
.faults ul { margin: 0; min-width: 16rem; }
.changes td:nth-child(odd), .changes .number { white-space: nowrap; }
details { margin: 1rem 0; } summary { cursor: pointer; color: var(--quiet); font-size: .875rem; }
details > :nth-child(2) { margin-top: .5rem; }
pre { margin: 0; padding: .75rem 1rem; background: var(--wash); overflow-x: auto; font: .8125rem/1.7 ui-monospace, "SFMono-Regular", "Liberation Mono", monospace; }
pre .quiet { font-size: inherit; }`

const phases = `
.phase-bar { margin-bottom: 1rem; } .phase-bar p { margin-top: .4rem; max-width: none; display: flex; flex-wrap: wrap; gap: 0 1.5rem; align-items: baseline; }
.phases th[scope=row] small { white-space: nowrap; } .phase-name { font-weight: 600; }
 .phases td.figure { width: 32%; min-width: 11rem; padding-top: .5rem; } .phases .number { white-space: nowrap; }
.phases tfoot td { border: 0; padding-top: 0; }
.phase.detect { fill: var(--detect); } .phase.elect { fill: var(--elect); } .phase.promote { fill: var(--promote); } .phase.route { fill: var(--route); } .phase.settle { fill: var(--settle); }
.phase-bar rect { stroke: var(--paper); stroke-width: 1.5; }
.in-detect, .in-elect { fill: var(--on-dark); } .in-promote, .in-route, .in-settle { fill: var(--on-light); }
rect.predicted { fill: var(--quiet); opacity: .55; } line.uncertain { stroke: var(--ink); stroke-width: 2; }`

const figures = `
figure.time { --gutter: 10.5rem; margin: 0; }
.moments { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); grid-auto-flow: row; gap: .1rem 2.5rem; list-style: none; margin: 0 0 1.25rem; padding: 0; font-size: .875rem; }
.moments li { display: flex; gap: .5rem; border-bottom: 1px solid var(--rule); padding: .15rem 0; } .moments li .number { margin-left: auto; }
.readout { min-height: 1.5em; font-size: .8125rem; color: var(--quiet); font-variant-numeric: tabular-nums; max-width: none; }
.stack { position: relative; }
.row { display: grid; grid-template-columns: var(--gutter) minmax(0, 1fr); align-items: center; position: relative; }
.row .name { font-size: .8125rem; line-height: 1.35; padding-right: 3.5rem; }
.row.lane .name { padding-right: .5rem; color: var(--quiet); }
.row.rates, .row.latency { align-items: start; padding: .9rem 0 .4rem; }
.row b { display: block; font-weight: 650; }
.group { position: relative; padding: .9rem 0 .15rem; display: flex; flex-wrap: wrap; gap: 0 1rem; align-items: baseline; }
svg { display: block; overflow: visible; shape-rendering: crispEdges; }
svg text { font-size: 12px; fill: var(--ink); shape-rendering: auto; font-variant-numeric: tabular-nums; }
svg text.axis-label { fill: var(--quiet); }
.overlay { position: absolute; top: 0; left: var(--gutter); width: calc(100% - var(--gutter)); height: 100%; pointer-events: none; }
.shade { fill: var(--shade); } rect.fault { fill: var(--fault); } text.on-fault { fill: var(--on-fault); }
line.moment { stroke: var(--ink); stroke-width: 1; opacity: .5; } .overlay line.moment { stroke-dasharray: 1 3; }
text.moment-label { font-size: 11.5px; font-weight: 600; }
line.cursor { stroke: var(--ink); visibility: hidden; } .hovered line.cursor { visibility: visible; } line.grid { stroke: var(--grid); } line.tick { stroke: var(--quiet); }
path { vector-effect: non-scaling-stroke; }
path.acked { fill: var(--acked); } path.rejected { fill: var(--rejected); } path.unknown { fill: var(--unknown); }
path.band { fill: var(--band); } path.p99 { fill: none; stroke: var(--acked); } path.p50 { fill: none; stroke: var(--median); stroke-width: 1.5; } path.limit { fill: none; stroke: var(--limit); stroke-dasharray: 5 4; }
.tone.strong { fill: var(--strong); } .tone.other { fill: var(--other); } .tone.soft { fill: var(--soft); } .tone.busy { fill: var(--busy); } .tone.gone { fill: var(--gone); } .tone.writable { fill: var(--writable); } .tone.alarm { fill: var(--gone); }
text.label.strong, text.label.other, text.label.alarm { fill: var(--on-strong); } text.label.soft { fill: var(--on-soft); }
text.on-line { fill: var(--gone); paint-order: stroke; stroke: var(--paper); stroke-width: 5px; stroke-linejoin: round; }
rect.gap { fill: none; stroke: var(--quiet); stroke-dasharray: 2 2; }
.keys { display: inline-flex; flex-wrap: wrap; gap: 0 .9rem; font-size: .8125rem; color: var(--quiet); } .key { white-space: nowrap; }
.swatch { display: inline-block; width: 14px; height: 10px; margin-right: .35rem; vertical-align: -0.5px; background: currentColor; }
.swatch.acked { background: var(--acked); } .swatch.rejected { background: var(--rejected); } .swatch.unknown { background: var(--unknown); } .swatch.band { background: var(--band); }
.swatch.p50 { height: 2px; vertical-align: 4px; background: var(--median); } .swatch.limit { height: 0; background: none; border-top: 1.5px dashed var(--limit); vertical-align: 4px; }
.swatch.strong { background: var(--strong); } .swatch.soft { background: var(--soft); } .swatch.busy { height: 5px; vertical-align: 2px; background: var(--busy); } .swatch.alarm { background: var(--gone); } .swatch.gone { height: 2px; vertical-align: 4px; background: var(--gone); }
.swatch.writable { height: 4px; vertical-align: 2.5px; background: var(--writable); } .swatch.gap { background: none; border: 1px dashed var(--quiet); }
.swatch.measured { background: var(--elect); } .swatch.predicted { height: 4px; vertical-align: 2.5px; background: var(--quiet); opacity: .6; } .swatch.uncertain { height: 2px; vertical-align: 4px; background: var(--ink); }
.only-narrow { display: none; }`

const narrow = `
@media (min-width: 1000px) { .phases td:last-child { min-width: 15rem; } }
@media (max-width: 900px) { .numbers { grid-template-columns: repeat(2, minmax(0, 1fr)); } .moments { grid-template-columns: repeat(2, minmax(0, 1fr)); } }
@media (max-width: 700px) {
  main { padding: 1.25rem 1rem 3rem; } h1 { font-size: 2.25rem; } .summary { font-size: 1.125rem; } h2 { margin-top: 2.5rem; }
  .numbers .value { font-size: 1.375rem; } .numbers .value.words, .numbers .value.absent { font-size: 1rem; } .moments { grid-template-columns: minmax(0, 1fr); }
  figure.time { --gutter: 2.75rem; }
  .only-wide { display: none; } .only-narrow { display: inline; }
  .row { grid-template-columns: minmax(0, 1fr); } .row .plot { padding-left: var(--gutter); } .row .name, .row.lane .name { padding: 0 0 .2rem; }
  .row.lane .name { padding: .1rem 0 0 var(--gutter); line-height: 1.2; font-size: .75rem; } .row.fault .name { display: none; }
  .row b { display: inline-block; margin-right: .75rem; } .row.rates .name, .row.latency .name { padding-bottom: .6rem; }
  pre { white-space: pre-wrap; overflow-wrap: anywhere; }
  .objectives thead, .phases thead, .validity thead, .faults thead { position: absolute; clip-path: inset(50%); height: 1px; overflow: hidden; }
  .objectives tr, .phases tbody tr, .validity tr, .faults tr { display: flex; flex-wrap: wrap; gap: .1rem 1rem; padding: .5rem 0; border-bottom: 1px solid var(--rule); }
  .objectives tr > *, .phases tbody tr > *, .validity tr > *, .faults tr > * { border: 0; padding: 0; }
  .objectives th, .phases tbody th[scope=row], .phases tbody td.figure, .validity td:last-child, .faults th, .faults td:last-child { flex-basis: 100%; width: 100%; }
  .objectives td:nth-child(2)::before { content: "limit "; color: var(--quiet); } .objectives td:nth-child(3)::before { content: "actual "; color: var(--quiet); }
  .phases td:nth-child(4)::before { content: "predicted "; color: var(--quiet); } .phases td:nth-child(5) { flex-basis: 100%; font-size: .8125rem; }
  .validity th { flex: 1; white-space: normal; }
  .faults td:nth-child(2)::before { content: "requested "; color: var(--quiet); } .faults td:nth-child(3)::before { content: "proved "; color: var(--quiet); }
  .faults td:nth-child(4)::before { content: "spread "; color: var(--quiet); } .faults td:nth-child(5)::before { content: "healed "; color: var(--quiet); } .faults td:last-child::before { content: "does not model"; color: var(--quiet); }
  .phases tfoot, .phases tfoot tr, .phases tfoot td.figure { display: block; width: 100%; } .phases tfoot td:not(.figure) { display: none; }
  .narrow-table { min-width: 0; width: 100%; }
}`

const narrowest = `
@media (max-width: 380px) { .numbers { grid-template-columns: minmax(0, 1fr); } }`

const print = `
@media print {
  :root { ${light} } body { font-size: 11pt; } main { max-width: none; padding: 0; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .row, tr, .numbers, .phase-bar, .phases, .stack { break-inside: avoid; } tfoot { display: table-row-group; } h2 { margin-top: 2rem; } h2, h3, h4 { break-after: avoid; } .readout { display: none; }
  .scroll { overflow: visible; }
}`

/** Names for the colours, light and dark. The control room has the same. */
export const colours = `:root { ${light} }\n@media (prefers-color-scheme: dark) { :root { ${dark} } }`

export const style = `${colours}${text}${phases}${figures}${narrow}${narrowest}${print}\n`
