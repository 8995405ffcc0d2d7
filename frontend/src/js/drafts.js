import { on, say } from './dom.js'

const WAIT = 700
const DAYS = 14
const skipped = (field) => !field.name || ['password', 'file', 'hidden'].includes(field.type) || field.dataset.masked
const keyOf = (form) => `draft:${location.pathname}:${form.dataset.draft}`

function read(form) {
  const kept = {}
  for (const field of form.elements) {
    if (skipped(field)) continue
    if (field.type === 'checkbox' || field.type === 'radio') { if (field.checked) (kept[field.name] ??= []).push(field.value) }
    else kept[field.name] = [field.value]
  }
  return kept
}

function write(form, kept) {
  for (const field of form.elements) {
    if (skipped(field) || !(field.name in kept)) continue
    if (field.type === 'checkbox' || field.type === 'radio') field.checked = kept[field.name].includes(field.value)
    else field.value = kept[field.name][0]
  }
}

function tell(form, text) {
  for (const said of form.querySelectorAll('[data-draft-said]')) said.textContent = text
}

/** What is half written stays on this device until it is sent. */
export function drafts(htmx) {
  let timer = 0
  on('input', 'form[data-draft]', (form) => {
    clearTimeout(timer)
    timer = setTimeout(() => {
      localStorage.setItem(keyOf(form), JSON.stringify({ at: Date.now(), kept: read(form) }))
      tell(form, say('草稿已保存在本机', 'Draft kept on this device'))
    }, WAIT)
  })
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
        write(form, found.kept)
        tell(form, say('已恢复上次没写完的内容', 'Restored what you had begun'))
      }
    }
  })
}
