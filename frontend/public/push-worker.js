// Messages that the school sends to this browser; loaded by the service worker.
self.addEventListener('push', (event) => {
  let told = {}
  try {
    told = event.data?.json() ?? {}
  } catch {
    return
  }
  const options = { body: told.text ?? '', icon: '/static/yanta/icon-192.png', badge: '/static/yanta/icon-192.png', data: told.link ?? '/messages/', tag: told.link || undefined }
  event.waitUntil(self.registration.showNotification(told.title ?? '', options))
})
self.addEventListener('notificationclick', (event) => {
  event.notification.close()
  const address = new URL(event.notification.data || '/messages/', location.origin)
  // Only our own pages are opened from a message.
  const target = address.origin === location.origin ? address.href : new URL('/messages/', location.origin).href
  event.waitUntil(self.clients.matchAll({ type: 'window' }).then((open) => {
    const found = open.find((one) => new URL(one.url).origin === location.origin)
    return found ? found.focus().then((one) => one.navigate(target)) : self.clients.openWindow(target)
  }))
})
