import { say } from './dom.js'

/* Free seats as they stand: one small question every few seconds while somebody looks, answered 304 when nothing changed.
   Whoever is told to come later comes later; nobody's page asks while it is hidden. */

const ADDRESS = '/course-selection/rush/seats/'
const OFTEN = 4000
const SELDOM = 60000

const shown = () => document.querySelector('[data-live-seats]')
const isFor = (kept, mine) => (kept === null ? true : String(kept) === mine)

function words(total, free, others, waits) {
  const left = others
    ? say(`您可选 ${free} 座 · 共余 ${free + others} / ${total} 座，其中 ${others} 座留给其他专业、年级或校区`, `${free} seats open to you · ${free + others} of ${total} free, ${others} of them kept for other programmes, grades or campuses`)
    : say(`余 ${free} / ${total} 座`, `${free} of ${total} seats free`)
  return waits ? `${left} · ${say(`${waits} 人候补`, `${waits} waiting`)}` : left
}

function put(rows) {
  const { programme = '', grade = '', campus = '' } = shown()?.dataset ?? {}
  for (const [place, free, waits, kept = []] of rows) {
    const others = kept.filter(([one, year, site]) => !(isFor(one, programme) && isFor(year, grade) && isFor(site, campus))).reduce((sum, [, , , n]) => sum + n, 0)
    const line = document.querySelector(`[data-seats="${place}"]`)
    if (line) line.textContent = words(line.dataset.total, free - others, others, waits)
    const cell = document.querySelector(`[data-free="${place}"]`)
    if (cell) cell.textContent = free
    const queue = document.querySelector(`[data-waits="${place}"]`)
    if (queue) queue.textContent = waits
  }
  const said = document.querySelector('[data-live-said]')
  if (said) said.textContent = `${say('余座和候补更新于', 'Seats and waiting lists as of')} ${new Date().toLocaleTimeString(document.documentElement.lang)}`
}

/** Milliseconds until the next question; 0 when there is nothing more to ask. */
async function ask(state) {
  const headers = { 'X-Requested-With': 'fetch', ...(state.tag && { 'If-None-Match': state.tag }) }
  const answer = await fetch(ADDRESS, { headers, cache: 'no-store' }).catch(() => null)
  if (answer?.status === 401) return 0
  if (answer?.status === 200) {
    state.tag = answer.headers.get('ETag')
    put(await answer.json())
  }
  if (answer?.status === 200 || answer?.status === 304) state.pause = OFTEN
  else state.pause = Math.min(SELDOM, Math.max(state.pause * 2, 1000 * Number(answer?.headers.get('Retry-After') ?? 0)))
  // Not everybody at the same moment.
  return state.pause * (0.75 + Math.random() / 2)
}

export function selection() {
  const state = { tag: '', pause: OFTEN }
  const wait = (time) => setTimeout(async () => {
    const next = shown() && !document.hidden ? await ask(state) : OFTEN
    if (next) wait(next)
  }, time)
  wait(OFTEN * Math.random())
}
