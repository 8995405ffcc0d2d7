import { on } from './dom.js'

function show(tab) {
  for (const one of tab.closest('[data-tabs]').querySelectorAll('[role="tab"]')) {
    one.setAttribute('aria-selected', String(one === tab))
    const panel = document.getElementById(one.getAttribute('aria-controls'))
    if (panel) panel.hidden = one !== tab
  }
}

/** Tabs of a record; the address keeps which one is open. */
export function tabs() {
  on('click', '[data-tabs] [role="tab"]', (tab, event) => {
    event.preventDefault()
    show(tab)
    history.replaceState(null, '', tab.hash)
  })
  const wanted = [...document.querySelectorAll('[data-tabs] [role="tab"]')].find((tab) => location.hash && tab.hash === location.hash)
  if (wanted) show(wanted)
}
