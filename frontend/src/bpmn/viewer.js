import NavigatedViewer from 'bpmn-js/lib/NavigatedViewer'
import { say } from '../js/dom.js'
import { fetched, fit, mark, translation, yanta } from './base.js'

async function opened(box, xml) {
  const viewer = new NavigatedViewer({ container: box, moddleExtensions: { yanta }, additionalModules: [translation] })
  await viewer.importXML(xml)
  viewer.get('zoomScroll').toggle(false)
  fit(viewer)
  return viewer
}

/** Where a matter has been, where it is, from where it was returned. */
export async function show(box) {
  if (box.dataset.drawn) return
  box.dataset.drawn = 'yes'
  try {
    const { xml, marks, nodes, flows } = await fetched(box.dataset.diagram)
    const viewer = await opened(box, xml)
    mark(viewer, [...nodes, ...flows].filter((id) => !marks.now.includes(id)), 'y-done')
    mark(viewer, marks.back, 'y-back')
    mark(viewer, marks.now, 'y-now')
  } catch {
    box.textContent = say('流程图没有加载出来，刷新再试。', 'The diagram did not load; please reload.')
  }
}

/** Two versions side by side: what came, what went, what changed. */
export async function compare(box) {
  const { before, after, marks } = await fetched(box.dataset.compare)
  const [old, fresh] = await Promise.all([
    opened(box.querySelector('[data-side="before"]'), before),
    opened(box.querySelector('[data-side="after"]'), after),
  ])
  mark(old, marks.removed, 'y-back')
  mark(fresh, marks.added, 'y-done')
  for (const one of [old, fresh]) mark(one, marks.changed, 'y-now')
}
