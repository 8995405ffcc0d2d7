import { on } from './dom.js'

/** Dialogs, menus and what closes them. */
export function dialogs() {
  on('click', '[data-dialog]', (button) => document.getElementById(button.dataset.dialog)?.showModal())
  on('click', '[data-keys]', () => document.getElementById('keys')?.showModal())
  on('click', '[data-close-dialog]', (button) => button.closest('dialog')?.close())
  on('click', 'dialog', (dialog, event) => { if (event.target === dialog) dialog.close() })
  on('click', '[data-back]', () => history.back())
  document.addEventListener('click', (event) => {
    for (const menu of document.querySelectorAll('details.y-menu[open]')) if (!menu.contains(event.target)) menu.open = false
  })
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return
    for (const menu of document.querySelectorAll('details.y-menu[open]')) {
      menu.open = false
      menu.querySelector('summary').focus()
    }
  })
  for (const area of document.querySelectorAll('.y-side details')) {
    const key = `area:${area.dataset.area}`
    const kept = localStorage.getItem(key)
    if (kept && !area.querySelector('[aria-current]')) area.open = kept === 'open'
    area.querySelector('summary').addEventListener('click', () => localStorage.setItem(key, area.open ? 'closed' : 'open'))
  }
}
