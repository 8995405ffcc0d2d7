import { on } from './dom.js'

/** A common phrase becomes the opinion; what was already written stays before it. */
export function phrases() {
  on('click', '[data-phrase]', (chip) => {
    const area = chip.closest('form').querySelector(`#${chip.dataset.phrase}`)
    area.value = area.value.trim() ? `${area.value.trim()}；${chip.textContent}` : chip.textContent
    area.focus()
  })
}
