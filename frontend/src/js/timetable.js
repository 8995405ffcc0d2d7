import { make, on, say } from './dom.js'
import { toast } from './toasts.js'

/* A week put together by hand: a meeting is picked up by dragging or with Enter, every time of the week says at once
   whether it is free and with which room or what is in the way, and it is put down by dropping or with Enter. */

let held = null

const cells = (board) => [...board.querySelectorAll('td[data-day]')]
const cellOf = (board, target) => cells(board).find((cell) => Number(cell.dataset.day) === target.day && Number(cell.dataset.from) <= target.first && target.first <= Number(cell.dataset.to))

function tell(board, text) {
  board.querySelector('[data-told]').textContent = text
}

function drop() {
  if (!held) return
  for (const cell of cells(held.board)) {
    cell.classList.remove('free', 'busy', 'here')
    cell.removeAttribute('tabindex')
    cell.removeAttribute('role')
    cell.removeAttribute('aria-label')
    delete cell.dataset.to_
    cell.querySelector('.hint')?.remove()
  }
  held.card.classList.remove('held')
  held.card.setAttribute('aria-pressed', 'false')
  held = null
}

function colour(board, targets) {
  for (const target of targets.sort((one, other) => Number(other.free) - Number(one.free))) {
    const cell = cellOf(board, target)
    if (!cell || cell.classList.contains('free')) continue
    const kind = target.here ? 'here' : target.free ? 'free' : 'busy'
    cell.classList.add(kind)
    const words = target.here ? say('现在在这里', 'It is here now') : target.free ? `${say('可放', 'Free')} ${target.room}` : target.text
    cell.querySelector('.hint')?.remove()
    cell.append(make('small', 'hint', words))
    cell.setAttribute('aria-label', `${target.when} ${words}`)
    if (kind === 'free') {
      cell.dataset.to_ = `${target.day}-${target.first}-${target.roomId || 0}`
      cell.tabIndex = 0
      cell.setAttribute('role', 'button')
    }
  }
}

async function pick(card) {
  drop()
  const board = card.closest('[data-timetable]')
  held = { card, board }
  card.classList.add('held')
  card.setAttribute('aria-pressed', 'true')
  const answer = await fetch(`/timetables/place/${card.dataset.meeting}/targets/`).catch(() => null)
  if (held?.card !== card) return
  if (!answer?.ok) {
    drop()
    toast(say('没有读到可放的时间，请稍后再试', 'The free times could not be read'), 'danger')
    return
  }
  const { targets, free } = await answer.json()
  if (held?.card !== card) return
  colour(board, targets)
  tell(board, say(`拿起了${card.dataset.title}，${free} 处可放；方向键选择，回车放下，Esc 取消`, `${card.dataset.title}: ${free} free places; arrows to choose, Enter to put down, Escape to leave it`))
}

async function place(cell) {
  const { card, board } = held
  const to = cell.dataset.to_
  if (!to) {
    if (cell.classList.contains('busy')) toast(cell.querySelector('.hint')?.textContent ?? '', 'warning')
    drop()
    return
  }
  const body = new FormData()
  body.append('to', to)
  const headers = { ...JSON.parse(document.body.getAttribute('hx-headers')), Accept: 'application/json' }
  const answer = await fetch(`/timetables/place/${card.dataset.meeting}/`, { method: 'POST', body, headers }).catch(() => null)
  const said = answer ? await answer.json().catch(() => ({})) : {}
  drop()
  if (answer?.ok) location.reload()
  else {
    tell(board, said.message ?? '')
    toast(said.message ?? say('没有放下，请稍后再试', 'It could not be put down'), 'danger')
  }
}

function step(cell, key) {
  const free = cells(held.board).filter((one) => one.dataset.to_)
  const by = key === 'ArrowRight' || key === 'ArrowDown' ? 1 : -1
  free[(free.indexOf(cell) + by + free.length) % free.length]?.focus()
}

export function timetable() {
  on('dragstart', '[data-meeting]', (card, event) => {
    event.dataTransfer.effectAllowed = 'move'
    event.dataTransfer.setData('text/plain', card.dataset.meeting)
    pick(card)
  })
  on('dragover', '[data-timetable] td[data-day]', (cell, event) => { if (held) event.preventDefault() })
  on('drop', '[data-timetable] td[data-day]', (cell, event) => {
    event.preventDefault()
    if (held) place(cell)
  })
  document.addEventListener('dragend', () => setTimeout(drop, 50))
  on('click', '[data-timetable] td[data-to_]', (cell, event) => { if (held && !event.target.closest('[data-meeting], a')) place(cell) })
  on('keydown', '[data-timetable]', (board, event) => {
    const card = event.target.closest('[data-meeting]')
    const cell = event.target.closest('td[data-to_]')
    if (event.key === 'Escape' && held) {
      const was = held.card
      drop()
      was.focus()
    } else if (event.key === 'Enter' && card && event.target === card) {
      pick(card).then(() => held && cells(board).find((one) => one.dataset.to_)?.focus())
    } else if (held && cell && event.key === 'Enter') place(cell)
    else if (held && cell && event.key.startsWith('Arrow')) step(cell, event.key)
    else return
    event.preventDefault()
  })
}
