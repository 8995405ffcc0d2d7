import { on, say } from './dom.js'

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')

function tell(part, sentence) {
  part.querySelector('[data-push-said]').textContent = sentence
}

/** Where no push service is reached, the demo keeps what would be shown here; the keys are real. */
async function imitated() {
  const pair = await crypto.subtle.generateKey({ name: 'ECDH', namedCurve: 'P-256' }, true, ['deriveBits'])
  const point = await crypto.subtle.exportKey('raw', pair.publicKey)
  const secret = crypto.getRandomValues(new Uint8Array(16))
  return { endpoint: `simulated:${crypto.randomUUID()}`, keys: { p256dh: text(point), auth: text(secret) } }
}

async function subscribed(part) {
  const worker = await navigator.serviceWorker.register('/sw.js')
  await navigator.serviceWorker.ready
  try {
    const asked = { userVisibleOnly: true, applicationServerKey: bytes(part.dataset.push) }
    return (await worker.pushManager.subscribe(asked)).toJSON()
  } catch (error) {
    if ('pushSimulated' in part.dataset) return imitated()
    throw error
  }
}

async function allow(part, token) {
  tell(part, say('请在浏览器的询问中点“允许”', 'Please allow it where the browser asks'))
  if ((await Notification.requestPermission()) === 'denied' && !('pushSimulated' in part.dataset)) {
    return tell(part, say('浏览器已拒绝通知，请在地址栏左侧的网站设置里改为允许', 'The browser refuses; allow notifications in its settings for this site'))
  }
  try {
    const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': token }
    const answer = await fetch(part.dataset.pushTo, { method: 'POST', headers, body: JSON.stringify(await subscribed(part)) })
    if (answer.ok) return location.reload()
    tell(part, (await answer.json()).detail)
  } catch {
    tell(part, say('没有开通：连不上浏览器的推送服务，请换个网络再试', 'Not done: the push service of the browser was not reached'))
  }
}

/** A button that asks the browser to show messages; hidden where it cannot. */
export function pushes() {
  const able = 'serviceWorker' in navigator && 'PushManager' in window && window.isSecureContext
  for (const part of document.querySelectorAll('[data-push]')) {
    if (!able) continue
    part.querySelector('[data-push-on]').hidden = false
    tell(part, '')
  }
  on('click', '[data-push-on]', (button) => {
    const token = document.querySelector('input[name="csrfmiddlewaretoken"]').value
    allow(button.closest('[data-push]'), token)
  })
}
