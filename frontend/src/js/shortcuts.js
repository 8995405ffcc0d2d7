import { isTyping } from './dom.js'

const PLACES = { h: '/', t: '/todos/', a: '/applications/', m: '/messages/', i: '/me/' }
const CHORD = 1200

/** `/` to search, `g` and a letter to go, `ctrl+enter` to submit, `?` for the list of them. */
export function shortcuts() {
  let going = 0
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.target.closest?.('form')?.requestSubmit()
      return
    }
    if (isTyping(event.target) || event.ctrlKey || event.metaKey || event.altKey || document.querySelector('dialog[open]')) return
    if (Date.now() - going < CHORD && PLACES[event.key]) {
      location.href = PLACES[event.key]
      return
    }
    going = event.key === 'g' ? Date.now() : 0
    if (event.key === '/') {
      const box = document.querySelector('[data-find]') ?? document.querySelector('[data-search-box]')
      if (box) {
        event.preventDefault()
        box.focus()
        box.select()
      }
    }
    if (event.key === '?') document.getElementById('keys')?.showModal()
  })
}
