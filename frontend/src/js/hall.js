/** The service hall: forms that follow their conditions and keep drafts, the form designer; fetched where they are shown. */
export function hall(htmx) {
  htmx.onLoad((part) => {
    for (const form of part.querySelectorAll?.('form[data-hall-form]') ?? []) import('./hall-form.js').then(({ begin }) => begin(form))
    for (const box of part.querySelectorAll?.('[data-hall-designer]') ?? []) import('./hall-designer.js').then(({ design }) => design(box))
  })
}
