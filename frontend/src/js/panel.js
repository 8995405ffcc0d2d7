import { on } from './dom.js'

let last = null

const box = () => document.getElementById('panel')
const withPart = (address) => address + (address.includes('?') ? '&' : '?') + '_part=panel'

/** Opens a record beside the list; on a phone it is a page. */
export function open(htmx, address, from) {
  if (!box() || matchMedia('(max-width: 767.98px)').matches) {
    location.href = address
    return
  }
  last = from
  box().querySelector('[data-panel-page]').href = address
  htmx.ajax('GET', withPart(address), { target: '#panel-body', swap: 'innerHTML' }).then(() => {
    box().classList.add('is-open')
    box().querySelector('[data-panel-close]').focus()
  })
}

export function close() {
  if (!box()?.classList.contains('is-open')) return false
  box().classList.remove('is-open')
  document.getElementById('panel-body').replaceChildren()
  last?.focus?.()
  return true
}

export function panel(htmx) {
  on('click', '[data-panel-close]', close)
  on('click', 'a[data-panel]', (link, event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return
    event.preventDefault()
    open(htmx, link.getAttribute('href'), link)
  })
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape' && !document.querySelector('dialog[open]')) close() })
  document.addEventListener('pointerdown', (event) => {
    if (!event.target.closest('#panel, [data-row], dialog, .y-toasts, .y-float')) close()
  })
}
