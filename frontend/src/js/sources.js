import { make, on } from './dom.js'

const MARK = '[data-source], [data-element]'
let floating = null

function drop() {
  floating?.button.setAttribute('aria-expanded', 'false')
  floating?.box.remove()
  floating = null
}

function place(box, button) {
  const at = button.getBoundingClientRect()
  const left = Math.min(Math.max(12, at.left - 24), innerWidth - box.offsetWidth - 12)
  const below = at.bottom + 8 + box.offsetHeight < innerHeight || at.top < box.offsetHeight
  box.style.left = `${left + scrollX}px`
  box.style.top = `${(below ? at.bottom + 8 : at.top - box.offsetHeight - 8) + scrollY}px`
}

/** A value of a plain record: its page says once who owns it, the mark adds which element it is. */
function explain(box, button) {
  const card = button.closest('.stack').querySelector('template[data-explain]').content.cloneNode(true)
  const words = { LABEL: button.dataset.label, ELEMENT: button.dataset.element }
  for (const one of card.querySelectorAll('h3, dd')) one.textContent = one.textContent.replace(/[A-Z]{5,}/, (word) => words[word] ?? word)
  box.append(card)
}

function show(htmx, button) {
  if (floating?.button === button) return
  drop()
  const box = make('div', 'y-float')
  box.setAttribute('role', 'dialog')
  box.setAttribute('aria-label', button.getAttribute('aria-label'))
  document.body.append(box)
  button.setAttribute('aria-expanded', 'true')
  floating = { box, button }
  if (button.dataset.element) {
    explain(box, button)
    place(box, button)
    return
  }
  htmx.ajax('GET', button.dataset.source, { target: box, swap: 'innerHTML' }).then(() => place(box, button))
  place(box, button)
}

/** The quiet mark: hover or tap shows where a value comes from. The eye: a reason, then the whole value. */
export function sources(htmx) {
  let timer = 0
  on('click', MARK, (button) => show(htmx, button))
  on('mouseover', MARK, (button) => {
    clearTimeout(timer)
    timer = setTimeout(() => show(htmx, button), 350)
  })
  on('mouseout', MARK, () => clearTimeout(timer))
  document.addEventListener('pointerdown', (event) => { if (floating && !floating.box.contains(event.target) && event.target !== floating.button) drop() })
  document.addEventListener('keydown', (event) => { if (event.key === 'Escape') drop() })

  let asking = null
  on('click', '[data-reveal]', (button) => {
    asking = button
    const dialog = document.getElementById('reveal')
    dialog.querySelector('form').reset()
    dialog.showModal()
  })
  on('submit', '[data-reveal-form]', (form) => {
    const value = asking.previousElementSibling
    const reason = new FormData(form).get('reason')
    htmx.ajax('POST', asking.dataset.reveal, { target: value, swap: 'innerHTML', values: { reason } }).then(() => asking.remove())
  })
}
