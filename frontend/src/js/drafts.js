import { on, say } from './dom.js'
import { fill, valuesOf, wordsIn } from './kept.js'

const WAIT = 700
const DAYS = 14
const keyOf = (form) => `draft:${location.pathname}:${form.dataset.draft}`

function tell(form, text) {
  for (const said of form.querySelectorAll('[data-draft-said]')) said.textContent = text
}

/** What is half written stays on this device until it is sent. */
export function drafts(htmx) {
  let timer = 0
  const later = (form) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), kept: valuesOf(form), words: wordsIn(form) }))
      tell(form, say('草稿已保存在本机', 'Draft kept on this device'))
    }, WAIT)
  }
  on('input', 'form[data-draft]', later)
  on('change', 'form[data-draft]', later)
  on('submit', 'form[data-draft]', (form) => {
    clearTimeout(timer)
    localStorage.removeItem(keyOf(form))
  })
  htmx.onLoad((part) => {
    for (const form of part.querySelectorAll?.('form[data-draft]') ?? []) {
      const found = JSON.parse(localStorage.getItem(keyOf(form)) ?? 'null')
      if (!found || form.querySelector('.has-error')) continue
      if (Date.now() - found.at > DAYS * 86400e3) localStorage.removeItem(keyOf(form))
      else {
        fill(form, found.kept, found.words)
        tell(form, say('已恢复上次没写完的内容', 'Restored what you had begun'))
      }
    }
  })
}
