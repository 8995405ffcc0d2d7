import { isTyping, on } from './dom.js'
import { open } from './panel.js'

const rows = () => [...document.querySelectorAll('[data-row]')]
const linkOf = (row) => row.dataset.href ?? row.querySelector('a[href]')?.getAttribute('href')

function move(step) {
  const all = rows()
  if (!all.length) return
  const at = all.findIndex((row) => row.classList.contains('is-current'))
  const next = all[Math.max(0, Math.min(all.length - 1, at + step))]
  all[at]?.classList.remove('is-current')
  next.classList.add('is-current')
  next.scrollIntoView({ block: 'nearest' })
}

function count(form) {
  const ticked = form.querySelectorAll('input[name="keys"]:checked').length
  const every = form.querySelectorAll('input[name="keys"]').length
  form.querySelector('[data-bulk-bar]')?.classList.toggle('on', ticked > 0)
  for (const said of form.querySelectorAll('[data-bulk-count]')) said.textContent = ticked
  const all = form.querySelector('[data-pick-all]')
  if (all) {
    all.checked = ticked > 0 && ticked === every
    all.indeterminate = ticked > 0 && ticked < every
  }
}

function tick(form, boxes, state) {
  for (const box of boxes) box.checked = state
  count(form)
}

function selection() {
  let before = null
  on('click', 'form[data-bulk] input[name="keys"]', (box, event) => {
    const form = box.form
    const all = [...form.querySelectorAll('input[name="keys"]')]
    if (event.shiftKey && before && all.includes(before)) {
      const [from, to] = [all.indexOf(before), all.indexOf(box)].sort((a, b) => a - b)
      tick(form, all.slice(from, to + 1), box.checked)
    }
    before = box
    count(form)
  })
  on('change', '[data-pick-all]', (box) => tick(box.form, box.form.querySelectorAll('input[name="keys"]'), box.checked))
  on('click', '[data-bulk-clear]', (button) => {
    const form = button.closest('form')
    tick(form, form.querySelectorAll('input[name="keys"]'), false)
  })
}

/** The address says what is asked and nothing empty; exports ask the same. */
function addresses() {
  document.addEventListener('htmx:configRequest', ({ target, detail }) => {
    if (!target.matches?.('[data-list-form]')) return
    for (const [name, value] of [...detail.formData.entries()]) if (value === '') detail.formData.delete(name)
  })
  on('click', 'a[data-with-query]', (link) => { link.href = link.href.split('?')[0] + location.search })
}

/** Lists: `j` `k` `x` `enter`, a click opens the side panel, shift extends the selection. */
export function lists(htmx) {
  selection()
  addresses()
  on('click', '[data-row]', (row, event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button || getSelection().toString()) return
    const link = event.target.closest('a')
    if ((link && link.getAttribute('href') !== linkOf(row)) || event.target.closest('input, button, label, .sel')) return
    event.preventDefault()
    for (const one of rows()) one.classList.toggle('is-current', one === row)
    open(htmx, linkOf(row), link ?? row)
  })
  document.addEventListener('keydown', (event) => {
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
    const current = document.querySelector('[data-row].is-current')
    if (event.key === 'j') move(1)
    else if (event.key === 'k') move(-1)
    else if (event.key === 'x' && current) current.querySelector('input[name="keys"]')?.click()
    else if (event.key === 'Enter' && current && event.target === document.body) open(htmx, linkOf(current), current)
  })
}
