import { keep, on } from './dom.js'

/** The theme is a cookie, so that the server renders it and nothing flashes. */
export function theme() {
  const mark = () => {
    const chosen = document.documentElement.dataset.bsTheme ?? ''
    for (const one of document.querySelectorAll('[data-theme-set]')) one.setAttribute('aria-current', String(one.dataset.themeSet === chosen))
  }
  on('click', '[data-theme-set]', (button) => {
    const chosen = button.dataset.themeSet
    keep('yanta_theme', chosen)
    if (chosen) document.documentElement.dataset.bsTheme = chosen
    else delete document.documentElement.dataset.bsTheme
    mark()
    document.dispatchEvent(new CustomEvent('yanta:theme'))
  })
  mark()
}
