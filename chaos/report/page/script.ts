/**
 * The page's only script: a line under the pointer and the numbers of its time bin. Without it nothing is missing but
 * that. It writes lengths as `duration` does; a test holds the two together.
 */
export const hoverScript = `
for (const figure of document.querySelectorAll('figure.time')) {
  const bins = JSON.parse(figure.dataset.hover)
  const readout = figure.querySelector('.readout')
  const resting = readout.textContent
  const overlays = figure.querySelectorAll('.overlay.front')
  const seconds = (ms) => (ms < 0 ? '\\u2212' : '+') + (Math.abs(ms) / 1000).toFixed(bins.widthMs < 100 ? 2 : 1)
  const duration = (ms) => Math.round(ms) >= 1000 ? Number((ms / 1000).toFixed(3)) + ' s' : Number(ms.toFixed(ms < 10 ? 1 : 0)) + ' ms'
  const length = (ms) => ms === null ? 'none' : duration(ms)
  const place = (x) => { for (const overlay of overlays) for (const end of ['x1', 'x2']) overlay.querySelector('.cursor').setAttribute(end, x) }
  figure.addEventListener('pointermove', (event) => {
    const area = overlays[0].getBoundingClientRect()
    const share = (event.clientX - area.left) / area.width
    if (share < 0 || share > 1) return
    const ms = bins.axisFromMs + share * (bins.axisToMs - bins.axisFromMs)
    const bin = Math.floor((ms - bins.fromMs) / bins.widthMs)
    if (bins.acked[bin] === undefined) return
    const fromMs = bins.fromMs + bin * bins.widthMs - bins.zeroMs
    figure.classList.add('hovered')
    place(share * 100 + '%')
    readout.textContent = seconds(fromMs) + ' s to ' + seconds(fromMs + bins.widthMs) + ' s: ' + bins.acked[bin] + ' acked, ' + bins.rejected[bin] + ' rejected, '
      + bins.unknown[bin] + ' without answer; median ' + length(bins.p50Ms[bin]) + ', p99 ' + length(bins.p99Ms[bin])
  })
  figure.addEventListener('pointerleave', () => { figure.classList.remove('hovered'); readout.textContent = resting })
}
`

/** Of the script above, SHA-256 in base64, for the page's policy. A test says so when it is another, and which. */
export const hoverScriptHash = 'zrw5hgkMNbw95V3PtlTN92+zp8RwY1hiOQz0UM5RFfg='
