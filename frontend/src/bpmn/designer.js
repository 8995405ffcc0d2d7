import Modeler from 'bpmn-js/lib/Modeler'
import { make, say } from '../js/dom.js'
import { fetched, fit, translation, yanta } from './base.js'
import { panelOf } from './panel.js'

const WAIT = 900

/** The workbench: canvas, properties in a clerk's words, and what the check says, at the element it says it of. */
export async function design(box) {
  const version = box.dataset.version
  const token = document.querySelector('[data-designer-token] input').value
  const modeler = new Modeler({
    container: box.querySelector('.canvas'), moddleExtensions: { yanta }, additionalModules: [translation],
  })
  const { xml, findings, words } = await fetched(`${box.dataset.designer}${version ? `?version=${version}` : ''}`)
  await modeler.importXML(xml)
  fit(modeler)
  const told = teller(modeler, box.querySelector('[data-designer-findings]'))
  told(findings)
  panelOf(modeler, box.querySelector('[data-designer-panel]'), words)
  if (!version) keeping(box, modeler, token, told)
}

function keeping(box, modeler, token, told) {
  const status = document.querySelector('[data-designer-said]')
  const send = async (address) => {
    const { xml } = await modeler.saveXML({ format: true })
    return fetched(address, { method: 'POST', body: xml, headers: { 'X-CSRFToken': token, 'Content-Type': 'application/xml' } })
  }
  let changed = false
  let timer = 0
  const save = async () => {
    clearTimeout(timer)
    status.textContent = say('正在保存…', 'Saving…')
    try {
      const { findings, refusal } = await send(box.dataset.designer)
      changed = Boolean(refusal)
      status.textContent = refusal ?? say('草稿已保存', 'Draft saved')
      if (findings) told(findings)
    } catch {
      status.textContent = say('没有保存上，请检查网络后再试', 'Not saved; check the network and try again')
    }
    return !changed
  }
  modeler.on('commandStack.changed', () => {
    changed = true
    status.textContent = say('有改动没有保存', 'Unsaved changes')
    clearTimeout(timer)
    timer = setTimeout(async () => {
      const { findings } = await send(box.dataset.check).catch(() => ({}))
      if (findings) told(findings)
    }, WAIT)
  })
  document.querySelector('[data-designer-save]').addEventListener('click', save)
  document.querySelector('[data-designer-publish]').addEventListener('click', async (event) => {
    event.preventDefault()
    if (!changed || await save()) location.href = event.target.closest('a').href
  })
  addEventListener('keydown', (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key !== 's') return
    event.preventDefault()
    save()
  })
  addEventListener('beforeunload', (event) => { if (changed) event.preventDefault() })
}

const WORD = { error: ['不能执行', 'Cannot run'], warning: ['请确认', 'Please check'], info: ['说明', 'Note'] }
const TONE = { error: 'danger', warning: 'warning', info: 'info' }

/** Findings as a list that leads to the element, and as a mark on the element. */
function teller(modeler, list) {
  const overlays = modeler.get('overlays')
  const elements = modeler.get('elementRegistry')
  return (findings) => {
    overlays.remove({ type: 'y-finding' })
    list.replaceChildren(make('h2', 'h4', say(`检查（${findings.length}）`, `Check (${findings.length})`)))
    const rows = make('ul', 'y-findings')
    for (const one of findings) {
      const row = make('li', TONE[one.severity])
      row.append(make('b', '', say(...WORD[one.severity])), ' ')
      if (one.node && elements.get(one.node)) {
        const link = make('button', 'btn-link', one.name || one.node)
        link.type = 'button'
        link.addEventListener('click', () => reach(modeler, one.node))
        row.append(link, '：')
        if (one.severity !== 'info') overlays.add(one.node, 'y-finding', { position: { top: -12, right: 12 }, html: badge(one) })
      }
      row.append(one.reason)
      rows.append(row)
    }
    list.append(findings.length ? rows : make('p', 'quiet', say('没有发现问题，可以发布。', 'Nothing found; it can be published.')))
  }
}

function badge(one) {
  const found = make('span', `y-mark-${one.severity}`, one.severity === 'error' ? '!' : '?')
  found.title = one.reason
  return found
}

function reach(modeler, id) {
  const element = modeler.get('elementRegistry').get(id)
  modeler.get('selection').select(element)
  modeler.get('canvas').scrollToElement(element)
}
