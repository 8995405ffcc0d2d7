importScripts('/static/yanta/push-worker.js')
// The frame and the last pages seen survive a weak network; what people write is never answered from here.
const KEPT = 'yanta-__STYLE__'
const FRAME = ['/offline/', '__STYLE__', '__APP__']

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(KEPT).then((cache) => cache.addAll(FRAME)).then(() => self.skipWaiting()))
})
self.addEventListener('activate', (event) => {
  event.waitUntil(caches.keys().then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))).then(() => self.clients.claim()))
})
self.addEventListener('fetch', (event) => {
  const { request } = event
  const address = new URL(request.url)
  if (request.method !== 'GET' || address.origin !== location.origin) return
  if (address.pathname.startsWith('/static/yanta/a/')) {
    event.respondWith(caches.match(request).then((found) => found ?? fetch(request).then((answer) => {
      const copy = answer.clone()
      if (answer.ok) caches.open(KEPT).then((cache) => cache.put(request, copy))
      return answer
    })))
  } else if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => caches.match('/offline/')))
})
