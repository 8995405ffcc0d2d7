import { make, say } from './dom.js'
import { answer, holds, settled, wrong } from './hall-rules.js'
import { fill, valuesOf, wordsIn } from './kept.js'

const WAIT = 800
const headers = () => JSON.parse(document.body.getAttribute('hx-headers') ?? '{}')

const ruleOf = (box) => JSON.parse(box.dataset.rule || '{}')
const within = (box, form) => { const found = []; for (let one = box; one && one !== form; one = one.parentElement) for (const when of [one.dataset.when, one.dataset.partWhen]) if (when) found.push(JSON.parse(when)); return found }

/** The fields of the page as the rules know them, what is known among them, and what is filled in now. */
function state(form) {
  const boxes = [...form.querySelectorAll('[data-ask]')]
  const known = [...form.querySelectorAll('[data-known]')]
  const given = {}
  for (const box of boxes) given[box.dataset.ask] = box.querySelector('[data-calc]') ? null : answer(ruleOf(box).kind, answerOf(box))
  for (const box of known) given[box.dataset.known] = box.dataset.value
  for (const box of form.querySelectorAll('input[name^="with-"]')) given[box.name] = box.checked
  const items = [
    ...boxes.map((box) => {
      const calc = box.querySelector('[data-calc]')
      return { name: box.dataset.ask, whens: within(box, form), tree: calc && JSON.parse(calc.dataset.tree), places: Number(calc?.dataset.places) }
    }),
    ...known.map((box) => ({ name: box.dataset.known, whens: within(box, form) })),
  ]
  // What several services ask is on the page once; conditions of the others look there.
  for (const [name, first] of Object.entries(JSON.parse(form.dataset.same ?? '{}'))) {
    given[name] = given[first]
    items.push({ name, whens: items.find((one) => one.name === first)?.whens ?? [] })
  }
  return { items, given }
}

function follow(form) {
  const { items, given } = state(form)
  const { answers, hidden, seen } = settled(items, given)
  for (const box of form.querySelectorAll('[data-when], [data-part-when]')) {
    const values = seen(box.dataset.ask ?? '')
    box.hidden = ![box.dataset.when, box.dataset.partWhen].every((when) => !when || holds(JSON.parse(when), values))
  }
  for (const box of form.querySelectorAll('[data-ask]')) {
    for (const field of box.querySelectorAll('input, select, textarea')) field.disabled = hidden.has(box.dataset.ask)
  }
  for (const box of form.querySelectorAll('[data-calc]')) box.value = answers[box.dataset.calc] ?? '—'
}

function answerOf(box) {
  const fields = [...box.querySelectorAll('input, select, textarea')].filter((one) => one.name)
  if (fields.some((one) => one.type === 'checkbox')) {
    const ticked = fields.filter((one) => one.checked)
    return fields.length === 1 && fields[0].value === 'true' ? ticked.length > 0 : ticked.map((one) => one.value)
  }
  if (fields.some((one) => one.type === 'radio')) return fields.find((one) => one.checked)?.value ?? ''
  return fields[0]?.value ?? ''
}

function judge(box) {
  const field = box.querySelector('.y-field')
  if (!field || box.hidden || box.closest('[hidden]')) return true
  const fault = wrong(ruleOf(box), answerOf(box))
  field.classList.toggle('has-error', Boolean(fault))
  field.querySelector('.y-error')?.remove()
  if (fault) {
    const said = make('div', 'y-error')
    said.append(make('i', 'ti ti-alert-circle'), make('span', '', fault))
    field.append(said)
  }
  return !fault
}

function lines(form) {
  const renumber = (list) => [...list.querySelectorAll(':scope > [data-line]')].forEach((line, at) => {
    for (const one of line.querySelectorAll('[name], [id], [for], [data-ask], [data-calc]')) {
      for (const attribute of ['name', 'id', 'for', 'data-ask', 'data-calc']) {
        const value = one.getAttribute(attribute)
        if (value) one.setAttribute(attribute, value.replace(/\.(N|\d+)\./, `.${at}.`))
      }
    }
  })
  form.addEventListener('click', (event) => {
    const add = event.target.closest('[data-add-line]')
    const drop = event.target.closest('[data-drop-line]')
    if (!add && !drop) return
    const list = add ? form.querySelector(`[data-lines="${CSS.escape(add.dataset.addLine)}"]`) : drop.closest('[data-lines]')
    if (add && list.querySelectorAll(':scope > [data-line]').length < Number(list.dataset.most)) {
      list.append(list.querySelector('template').content.cloneNode(true))
      list.querySelector(':scope > [data-line]:last-child input')?.focus()
    }
    if (drop) drop.closest('[data-line]').remove()
    renumber(list)
    follow(form)
    form.dispatchEvent(new Event('input', { bubbles: true }))
  })
}

function signing(form) {
  for (const box of form.querySelectorAll('[data-sign]')) {
    const canvas = box.querySelector('canvas')
    const target = box.querySelector('input')
    const pen = canvas.getContext('2d')
    Object.assign(pen, { lineWidth: 4, lineCap: 'round', lineJoin: 'round', strokeStyle: '#1f2a3a' })
    const at = (event) => {
      const { left, top, width, height } = canvas.getBoundingClientRect()
      return [((event.clientX - left) / width) * canvas.width, ((event.clientY - top) / height) * canvas.height]
    }
    canvas.addEventListener('pointerdown', (event) => { canvas.setPointerCapture(event.pointerId); pen.beginPath(); pen.moveTo(...at(event)) })
    canvas.addEventListener('pointermove', (event) => { if (event.buttons) { pen.lineTo(...at(event)); pen.stroke() } })
    canvas.addEventListener('pointerup', () => { target.value = canvas.toDataURL('image/png'); judge(box.closest('[data-ask]')) })
    box.querySelector('[data-sign-clear]').addEventListener('click', () => { pen.clearRect(0, 0, canvas.width, canvas.height); target.value = '' })
  }
}

function write(form, answers, words) {
  for (const name of Object.keys(answers)) {
    const [part, line, column] = name.split('.')
    const list = column && form.querySelector(`[data-lines="${CSS.escape(part)}"]`)
    while (list && list.querySelectorAll(':scope > [data-line]').length <= Number(line)) form.querySelector(`[data-add-line="${CSS.escape(part)}"]`).click()
  }
  fill(form, answers, words)
  follow(form)
}

const inOrder = (answers) => JSON.stringify(Object.entries(answers ?? {}).sort())
/** The server holds what was sent last and never confirmed: its answer was lost on the way, nobody else has written. */
const alike = (held, tried) => Boolean(tried) && inOrder(held) === inOrder(tried)

/** Kept on this device at once and on the server a moment later; without a network the device's copy waits. */
function drafting(form) {
  const address = form.dataset.hallDraft
  if (!address) return
  const key = `hall:${address}:${form.dataset.about}`
  const said = form.querySelector('[data-draft-said]')
  const tell = (text) => { if (said) said.textContent = text }
  const conflict = document.querySelector('[data-conflict]')
  const found = JSON.parse(localStorage.getItem(key) ?? 'null')
  let timer = 0
  let tried = found?.tried
  const keep = (more) => localStorage.setItem(key, JSON.stringify({ at: Date.now(), answers: valuesOf(form), words: wordsIn(form), revision: Number(form.dataset.revision), token: form.elements.token.value, tried, ...more }))
  const send = async (force = false) => {
    const body = { answers: valuesOf(form), revision: Number(form.dataset.revision), token: form.elements.token.value, about: Number(form.dataset.about), force }
    const before = tried
    tried = body.answers
    keep({ sent: false })
    let answer
    try { answer = await fetch(address, { method: 'POST', body: JSON.stringify(body), headers: { ...headers(), 'Content-Type': 'application/json' }, signal: AbortSignal.timeout(8000) }) } catch {
      tell(say('网络不通，草稿存在本机，连上后自动保存', 'No connection: the draft is on this device'))
      return
    }
    const told = await answer.json().catch(() => ({}))
    if (answer.ok) {
      form.dataset.revision = told.revision
      form.elements.token.value = told.token
      keep({ answers: body.answers, sent: true })
      tell(say('草稿已保存', 'Draft kept'))
    } else if (answer.status === 409 && alike(told.answers, before)) {
      form.dataset.revision = told.revision
      await send()
    } else if (answer.status === 409) {
      conflict.hidden = false
      conflict.querySelector('[data-keep-mine]').onclick = () => { conflict.hidden = true; form.dataset.revision = told.revision; send(true) }
      conflict.querySelector('[data-take-other]').onclick = () => { localStorage.removeItem(key); location.reload() }
    } else if (answer.status === 410) { localStorage.removeItem(key); tell(say('这份申请已经提交', 'Handed in already')) } else tell(say('草稿存在本机', 'Draft kept on this device'))
  }
  const later = () => {
    keep({ sent: false })
    clearTimeout(timer)
    timer = setTimeout(send, WAIT)
  }
  form.addEventListener('input', later)
  form.addEventListener('change', later)
  window.addEventListener('online', () => send())
  form.addEventListener('submit', (event) => { if (!event.defaultPrevented) { clearTimeout(timer); localStorage.removeItem(key) } })
  // What was sent while this page was already on its way is newer than the page; anything older the server knows better.
  const crossed = found?.sent && found.revision > Number(form.dataset.revision) && Date.now() - found.at < 60e3
  const isNewer = found && (!found.sent || crossed)
  if (isNewer && Date.now() - found.at < 14 * 86400e3 && !form.querySelector('.has-error')) {
    write(form, found.answers, found.words)
    tell(say('已恢复上次没写完的内容', 'Restored what you had begun'))
    if (crossed) {
      form.dataset.revision = found.revision
      form.elements.token.value = found.token
    } else send()
  } else if (Number(form.dataset.revision)) tell(say('接着上次的草稿填', 'From your draft'))
}

export function begin(form) {
  if (form.dataset.begun) return
  form.dataset.begun = '1'
  let busy = false
  lines(form)
  signing(form)
  form.addEventListener('input', () => follow(form))
  form.addEventListener('change', (event) => { const box = event.target.closest('[data-ask]'); if (box && box.querySelector('.has-error')) judge(box) })
  form.addEventListener('submit', (event) => {
    const boxes = [...form.querySelectorAll('[data-ask]')].filter((box) => !box.closest('template'))
    const faulty = boxes.filter((box) => !judge(box))
    if (faulty.length || busy) {
      event.preventDefault()
      faulty[0]?.scrollIntoView({ block: 'center' })
      faulty[0]?.querySelector('input, select, textarea')?.focus({ preventScroll: true })
    } else busy = true
  })
  drafting(form)
  follow(form)
}
