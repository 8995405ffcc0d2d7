import { on, say } from './dom.js'

/** The drawing as a picture of twice its size, on the page's own ground. */
async function picture(button) {
  const svg = document.querySelector(`#${CSS.escape(button.dataset.picture)} svg`)
  if (!svg) return
  const title = button.closest('section').querySelector('h2').textContent.trim()
  const { width, height } = svg.getBoundingClientRect()
  const copy = svg.cloneNode(true)
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  copy.setAttribute('width', width)
  copy.setAttribute('height', height)
  const image = new Image()
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`
  await image.decode()
  const style = getComputedStyle(button.closest('section'))
  const canvas = Object.assign(document.createElement('canvas'), { width: (width + 32) * 2, height: (height + 64) * 2 })
  const pen = canvas.getContext('2d')
  pen.scale(2, 2)
  pen.fillStyle = style.backgroundColor
  pen.fillRect(0, 0, width + 32, height + 64)
  pen.fillStyle = style.color
  pen.font = `600 15px ${style.fontFamily}`
  pen.fillText(title, 16, 30, width)
  pen.drawImage(image, 16, 48, width, height)
  canvas.toBlob((blob) => {
    const link = Object.assign(document.createElement('a'), { href: URL.createObjectURL(blob), download: `${title}.png` })
    link.click()
    setTimeout(() => URL.revokeObjectURL(link.href), 1000)
  })
}

function move(button, by) {
  const line = button.closest('li')
  const other = by < 0 ? line.previousElementSibling : line.nextElementSibling
  if (other) (by < 0 ? other.before(line) : other.after(line))
  button.focus()
}

/** Boards: pictures of charts, the wall, the order of one's own figures. */
export function warehouse(htmx) {
  on('click', '[data-picture]', (button) => picture(button))
  on('click', '[data-fullscreen]', () => (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen()))
  on('click', '[data-order] [data-up]', (button) => move(button, -1))
  on('click', '[data-order] [data-down]', (button) => move(button, 1))
  on('change', 'select[data-subject]', (chosen) => { location.search = `?s=${encodeURIComponent(chosen.value)}` })
  on('submit', 'form[data-conditions]', (form) => { for (const box of form.querySelectorAll('[data-stop]')) box.hidden = false })
  on('click', '[data-stop]', (button) => {
    const body = new URLSearchParams({ t: button.dataset.stop })
    fetch('/warehouse/questions/stop/', { method: 'POST', body, headers: JSON.parse(document.body.getAttribute('hx-headers')) })
  })
  on('change', 'select[data-go]', (select) => select.form.requestSubmit())
  htmx.onLoad((part) => {
    for (const box of part.querySelectorAll?.('.canvas[data-rows]') ?? []) box.style.setProperty('--rows', box.dataset.rows)
    for (const form of part.querySelectorAll?.('form[data-conditions]') ?? []) import('./conditions.js').then(({ build }) => build(form, say))
  })
}
