import { on, say } from './dom.js'

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0))
const text = (buffer) => btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '')
const listed = (keys) => keys?.map((key) => ({ ...key, id: bytes(key.id) }))

/** What the server sends is JSON; what the browser takes is bytes. */
function asked({ publicKey }) {
  const options = { ...publicKey, challenge: bytes(publicKey.challenge) }
  if (options.user) options.user = { ...options.user, id: bytes(options.user.id) }
  if (options.excludeCredentials) options.excludeCredentials = listed(options.excludeCredentials)
  if (options.allowCredentials) options.allowCredentials = listed(options.allowCredentials)
  return { publicKey: options }
}

function answered(credential) {
  const response = {}
  for (const part of ['clientDataJSON', 'attestationObject', 'authenticatorData', 'signature', 'userHandle']) {
    if (credential.response[part]) response[part] = text(credential.response[part])
  }
  return JSON.stringify({ id: credential.id, rawId: text(credential.rawId), type: credential.type, response, clientExtensionResults: {} })
}

function tell(form, sentence) {
  const said = form.querySelector('[data-passkey-said]')
  said.textContent = sentence
  said.hidden = !sentence
}

async function run(form) {
  tell(form, '')
  const asking = await fetch(form.dataset.challenge, { method: 'POST', body: new FormData(form) })
  const told = await asking.json()
  if (!asking.ok) return tell(form, told.detail)
  try {
    const make = form.dataset.passkey === 'enrol' ? 'create' : 'get'
    form.elements.answer.value = answered(await navigator.credentials[make](asked(told)))
  } catch (error) {
    if (error.name === 'InvalidStateError') return tell(form, say('这台设备已经登记过', 'This device is registered already'))
    return tell(form, say('没有完成，请再试一次', 'Not completed, please try again'))
  }
  form.submit()
}

/** A device's own lock instead of a password; where the browser knows no passkeys, nothing is offered. */
export function passkeys() {
  const known = window.PublicKeyCredential !== undefined
  for (const form of document.querySelectorAll('form[data-passkey="prove"]')) form.hidden = !known
  on('submit', 'form[data-passkey]', (form, event) => {
    event.preventDefault()
    if (known) run(form)
    else tell(form, say('这个浏览器不支持通行密钥', 'This browser knows no passkeys'))
  })
}
