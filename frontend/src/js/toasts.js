import { make, on, say } from './dom.js'

const ICONS = { success: 'ti-circle-check', warning: 'ti-alert-triangle', danger: 'ti-alert-circle' }
const SECONDS = 6

export function toast(text, tone = 'info') {
  const box = make('div', `y-toast ${tone}`)
  box.append(make('i', `ti ${ICONS[tone] ?? 'ti-info-circle'}`), make('div', 'grow', text))
  const close = make('button', 'btn btn-ghost btn-icon btn-sm')
  close.type = 'button'
  close.dataset.close = ''
  close.setAttribute('aria-label', say('关闭', 'Close'))
  close.append(make('i', 'ti ti-x'))
  box.append(close)
  document.getElementById('toasts')?.append(box)
  // A failure stays until it is read.
  if (tone !== 'danger') setTimeout(() => box.remove(), SECONDS * 1000)
}

/** A server says `HX-Trigger: {"toast": {"text": …, "tone": …}}`. */
export function toasts() {
  on('click', '[data-close]', (button) => button.closest('.y-toast, .y-notice')?.remove())
  on('click', '[data-say]', (button) => toast(button.dataset.say, button.dataset.sayTone))
  document.body.addEventListener('toast', (event) => toast(event.detail.text ?? event.detail.value, event.detail.tone))
  for (const box of document.querySelectorAll('.y-toast:not(.error):not(.danger)')) setTimeout(() => box.remove(), SECONDS * 1000)
}
