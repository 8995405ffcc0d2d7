import { keep, on } from './dom.js'

/** Finding among what is already on the page, going through what was found with the arrows, and starring. */
export function finders() {
  on('input', 'input[name="filter"]', (input) => {
    const list = document.querySelector('[data-filter-list]')
    const wanted = input.value.trim().toLowerCase()
    let seen = 0
    for (const one of list?.querySelectorAll('[data-filter-text]') ?? []) {
      one.hidden = !one.dataset.filterText.toLowerCase().includes(wanted)
      if (!one.hidden) seen += 1
    }
    for (const section of list?.querySelectorAll('section') ?? []) section.hidden = !section.querySelector('[data-filter-text]:not([hidden])')
    const none = list?.querySelector('[data-filter-none]')
    if (none) none.hidden = seen > 0
  })
  on('keydown', '.y-search', (search, event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const stops = [search.querySelector('[data-search-box]'), ...search.querySelectorAll('.y-hits a')]
    const next = stops[stops.indexOf(document.activeElement) + step]
    if (!next) return
    event.preventDefault()
    next.focus()
  })
  on('click', '[data-star]', (button) => {
    const starred = button.getAttribute('aria-pressed') !== 'true'
    const cookie = document.cookie.split('; ').find((one) => one.startsWith('yanta_stars='))?.slice(12) ?? ''
    const others = cookie.split('|').filter((url) => url && url !== button.dataset.star)
    keep('yanta_stars', (starred ? [...others, button.dataset.star] : others).join('|'))
    for (const one of document.querySelectorAll(`[data-star="${CSS.escape(button.dataset.star)}"]`)) {
      one.setAttribute('aria-pressed', String(starred))
      one.querySelector('.ti').className = `ti ti-${starred ? 'star-filled' : 'star'}`
    }
  })
  on('click', '[data-demo-account]', (button) => {
    const form = document.querySelector('form[data-sign-in]')
    form.querySelector('[name="login"]').value = button.dataset.demoAccount
    form.querySelector('[type="password"]').value = button.dataset.demoPassword
    form.requestSubmit()
  })
}
