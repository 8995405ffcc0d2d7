import { say } from './dom.js'
import { toast } from './toasts.js'

const PATIENCE = 300

/** The thin line at the top for what takes longer than a moment; a failure is said in words. */
export function network() {
  const line = document.getElementById('loading')
  let open = 0
  let timer = 0
  document.addEventListener('htmx:beforeRequest', () => {
    if (open++ === 0) timer = setTimeout(() => line?.classList.add('on'), PATIENCE)
  })
  document.addEventListener('htmx:afterRequest', () => {
    if (--open <= 0) {
      open = 0
      clearTimeout(timer)
      line?.classList.remove('on')
    }
  })
  document.addEventListener('htmx:sendError', () => toast(say('网络不通，稍后会自动再试', 'No connection; try again in a moment'), 'warning'))
  document.addEventListener('htmx:responseError', ({ detail }) => {
    const status = detail.xhr.status
    if (status === 401) location.reload()
    else if (status === 403) toast(say('您没有这项权限', 'You may not do this'), 'danger')
    else toast(say(`没有成功（${status}），请再试一次`, `It did not work (${status}); please try again`), 'danger')
  })
  if ('serviceWorker' in navigator && location.protocol === 'https:') navigator.serviceWorker.register('/sw.js')
}
