import { on } from './dom.js'

/** A button that prints the page it stands on. */
export function printing() {
  on('click', '[data-print]', () => window.print())
}
