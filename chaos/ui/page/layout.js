/** Where everything on the map stands: routers above, regions side by side, the witness below. Lengths in pixels. */

const nodeHeight = 38
const nodeGap = 6
const headHeight = 26
const zoneHeight = 18
const padding = 8
const rowGap = 64

/** A site's nodes in order of zones and roles, in as many columns as there is room for. */
function placeSite(site, nodes, { x, y, width }) {
  const inner = width - 2 * padding
  const columns = Math.max(1, Math.min(nodes.length, Math.floor((inner + nodeGap) / 150)))
  const nodeWidth = (inner - (columns - 1) * nodeGap) / columns
  const placed = []
  const zones = []
  let at = y + headHeight
  for (const zone of [...new Set(nodes.map((node) => node.zone))].toSorted()) {
    const inZone = nodes.filter((node) => node.zone === zone)
    if (zone !== null) {
      zones.push({ name: `${site.name}/${zone}`, x: x + padding, y: at, width: inner, height: zoneHeight })
      at += zoneHeight
    }
    for (const [index, node] of inZone.entries()) {
      const column = index % columns
      placed.push({
        node,
        x: x + padding + column * (nodeWidth + nodeGap),
        y: at + Math.floor(index / columns) * (nodeHeight + nodeGap),
        width: nodeWidth,
        height: nodeHeight,
      })
    }
    at += Math.ceil(inZone.length / columns) * (nodeHeight + nodeGap)
  }
  return { site, x, y, width, height: at - y + padding - nodeGap, nodes: placed, zones }
}

function placeRow(sites, nodes, { y, width, most, gap }) {
  const boxWidth = Math.min(most, (width - (sites.length - 1) * gap) / sites.length)
  const from = (width - sites.length * boxWidth - (sites.length - 1) * gap) / 2
  const boxes = sites.map((site, index) =>
    placeSite(
      site,
      nodes.filter((node) => node.site === site.name),
      { x: from + index * (boxWidth + gap), y, width: boxWidth },
    ),
  )
  return { boxes, height: Math.max(...boxes.map((box) => box.height)) }
}

export function layOut({ sites, nodes, links, width }) {
  const of = (kind) => sites.filter((site) => site.kind === kind)
  const regions = of('region')
  const gap = width < 560 ? 34 : 110
  const perRow = Math.max(1, Math.min(regions.length, Math.floor((width + gap) / (148 + gap))))
  const rows = [
    of('edge'),
    ...Array.from({ length: Math.ceil(regions.length / perRow) }, (_, row) =>
      regions.slice(row * perRow, (row + 1) * perRow),
    ),
    of('witness'),
  ]
  const boxes = []
  let y = 2
  for (const row of rows.filter((each) => each.length > 0)) {
    const placed = placeRow(row, nodes, { y, width, gap, most: row[0].kind === 'region' ? 420 : 340 })
    boxes.push(...placed.boxes)
    y += placed.height + rowGap
  }
  const named = new Map(boxes.map((box) => [box.site.name, box]))
  return { boxes, height: Math.max(40, y - rowGap + 4), links: links.flatMap((link) => placeLink(link, named, boxes)) }
}

const middle = (box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 })

function placeLink(link, named, boxes) {
  const [a, b] = link.sites.map((site) => named.get(site))
  if (!a || !b) return []
  const [upper, lower] = a.y <= b.y ? [a, b] : [b, a]
  const isFlipped = upper !== a
  if (upper.y === lower.y) {
    const [left, right] = a.x < b.x ? [a, b] : [b, a]
    const y = left.y + Math.min(left.height, right.height) / 2
    const ends = { x1: left.x + left.width, y1: y, x2: right.x, y2: y }
    return [{ link, ...ends, isFlipped: left !== a, isLevel: true, room: ends.x2 - ends.x1 }]
  }
  // Towards the other box, so that links of one box do not lie upon each other.
  const spread = (box, other) =>
    middle(box).x + Math.max(-0.3, Math.min(0.3, (middle(other).x - middle(box).x) / 600)) * box.width
  const ends = { x1: spread(upper, lower), y1: upper.y + upper.height, x2: spread(lower, upper), y2: lower.y }
  // Past what stands between them.
  const between = boxes.some(
    (box) =>
      box !== upper &&
      box !== lower &&
      box.y > upper.y &&
      box.y + box.height < lower.y + 1 &&
      box.x < ends.x2 &&
      box.x + box.width > ends.x2,
  )
  return between ? [] : [{ link, ...ends, isFlipped, isLevel: false, room: 120 }]
}
