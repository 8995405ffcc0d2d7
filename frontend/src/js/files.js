import { on } from './dom.js'

const size = (bytes) => (bytes > 1048576 ? `${(bytes / 1048576).toFixed(1)} MB` : `${Math.max(1, Math.round(bytes / 1024))} KB`)

/** The place to drop files shows what was chosen, with its size. */
export function files() {
  on('change', '[data-drop] input[type="file"]', (input) => {
    const said = input.closest('[data-drop]').querySelector('[data-drop-files]')
    said.textContent = [...input.files].map((file) => `${file.name} (${size(file.size)})`).join('、')
  })
  for (const [type, over] of [['dragover', true], ['dragleave', false], ['drop', false]]) {
    on(type, '[data-drop]', (drop) => drop.classList.toggle('is-over', over))
  }
}
