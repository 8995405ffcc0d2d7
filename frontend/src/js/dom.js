/** Calls `act(element, event)` for an event on anything that matches, now or later. */
export function on(type, selector, act, options) {
  document.addEventListener(type, (event) => {
    const found = event.target instanceof Element ? event.target.closest(selector) : null
    if (found) act(found, event)
  }, options)
}

export function make(tag, className, text) {
  const element = document.createElement(tag)
  if (className) element.className = className
  if (text) element.textContent = text
  return element
}

export function keep(name, value) {
  const age = value ? 60 * 60 * 24 * 365 : 0
  document.cookie = `${name}=${value}; path=/; max-age=${age}; samesite=lax`
}

export const isTyping = (target) => target instanceof Element && target.closest('input, textarea, select, [contenteditable]') !== null

const ENGLISH = document.body.dataset.language === 'en'
/** The few sentences that only the browser says. */
export const say = (chinese, english) => (ENGLISH ? english : chinese)
