/** Each `data-chart` becomes an ECharts drawing; the library is fetched only by pages that have one. */
export async function charts(part) {
  const found = part.matches?.('[data-chart]') ? [part] : [...(part.querySelectorAll?.('[data-chart]') ?? [])]
  if (!found.length) return
  const { draw } = await import('./drawing.js')
  for (const box of found) if (!box.dataset.drawn) draw(box)
}
