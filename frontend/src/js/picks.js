import { on } from './dom.js'

const WAIT = 180

function choose(pick, option) {
  const [shown, kept] = pick.querySelectorAll('input')
  kept.value = option.dataset.value
  shown.value = option.dataset.text ?? option.textContent.trim()
  shut(pick)
  kept.dispatchEvent(new Event('change', { bubbles: true }))
}

function shut(pick) {
  pick.querySelector('.y-options').replaceChildren()
  pick.querySelector('input').setAttribute('aria-expanded', 'false')
}

function step(pick, by) {
  const options = [...pick.querySelectorAll('.y-option')]
  const at = options.findIndex((one) => one.getAttribute('aria-selected') === 'true')
  options[at]?.setAttribute('aria-selected', 'false')
  const next = options[(at + by + options.length) % options.length]
  next?.setAttribute('aria-selected', 'true')
  next?.scrollIntoView({ block: 'nearest' })
}

/** People, units and long code sets: type, see, choose; the hidden field keeps the key. */
export function picks(htmx) {
  let timer = 0
  const ask = (pick) => {
    const text = pick.querySelector('input').value.trim()
    const address = `${pick.dataset.pick}${pick.dataset.pick.includes('?') ? '&' : '?'}q=${encodeURIComponent(text)}`
    htmx.ajax('GET', address, { target: pick.querySelector('.y-options'), swap: 'innerHTML' }).then(() => pick.querySelector('input').setAttribute('aria-expanded', 'true'))
  }
  on('input', '[data-pick] > input:first-child', (input) => {
    const pick = input.closest('[data-pick]')
    pick.querySelector('input[type="hidden"]').value = ''
    clearTimeout(timer)
    timer = setTimeout(() => ask(pick), WAIT)
  })
  on('focusin', '[data-pick] > input:first-child', (input) => { if (!input.value) ask(input.closest('[data-pick]')) })
  on('click', '[data-pick] .y-option', (option, event) => {
    event.preventDefault()
    choose(option.closest('[data-pick]'), option)
  })
  on('keydown', '[data-pick] > input:first-child', (input, event) => {
    const pick = input.closest('[data-pick]')
    const chosen = pick.querySelector('.y-option[aria-selected="true"]')
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') step(pick, event.key === 'ArrowDown' ? 1 : -1)
    else if (event.key === 'Enter' && chosen) choose(pick, chosen)
    else if (event.key === 'Escape') shut(pick)
    else return
    event.preventDefault()
  })
  document.addEventListener('focusin', (event) => {
    for (const pick of document.querySelectorAll('[data-pick]')) if (!pick.contains(event.target)) shut(pick)
  })
}
