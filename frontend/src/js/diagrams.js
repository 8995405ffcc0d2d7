/** Diagrams of processes; the library is fetched only by pages that have one. */
export async function diagrams(part) {
  const among = (selector) => [...(part.matches?.(selector) ? [part] : []), ...(part.querySelectorAll?.(selector) ?? [])]
  const shown = among('[data-diagram]')
  const compared = among('[data-compare]')
  if (shown.length || compared.length) {
    const { show, compare } = await import('../bpmn/viewer.js')
    shown.forEach(whenSeen(show))
    compared.forEach(compare)
  }
  const drawn = among('[data-designer]')
  if (drawn.length) (await import('../bpmn/designer.js')).design(drawn[0])
}

/** A diagram below the fold of a phone is drawn when one comes to it. */
function whenSeen(act) {
  return (box) => {
    const watch = new IntersectionObserver((entries) => {
      if (!entries.some((one) => one.isIntersecting)) return
      watch.disconnect()
      act(box)
    })
    watch.observe(box)
  }
}
