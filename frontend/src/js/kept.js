/** Which fields of a form a draft keeps, and how: a looked-up key with the words that are shown for it. */
const NEVER = ['password', 'file']
const wordsOf = (field) => (field.type === 'hidden' ? field.closest('[data-pick]')?.querySelector('input') : null)
const isChecked = (field) => ['checkbox', 'radio'].includes(field.type)

export function isKept(field) {
  const hidden = field.type === 'hidden' && !wordsOf(field)
  return Boolean(field.name) && !NEVER.includes(field.type) && !hidden && !field.dataset.masked && !field.closest('template')
}

/** Name to list of values. */
export function valuesOf(form) {
  const found = {}
  for (const field of [...form.elements].filter(isKept)) {
    if (!isChecked(field)) found[field.name] = [field.value]
    else if (field.checked) (found[field.name] ??= []).push(field.value)
  }
  return found
}

/** Name of each looked-up field to its words. */
export const wordsIn = (form) => Object.fromEntries([...form.elements].filter((field) => isKept(field) && wordsOf(field)).map((field) => [field.name, wordsOf(field).value]))

export function fill(form, values, words = {}) {
  for (const field of [...form.elements].filter((one) => isKept(one) && one.name in values)) {
    if (isChecked(field)) field.checked = values[field.name].includes(field.value)
    else field.value = values[field.name][0]
    const shown = wordsOf(field)
    if (shown) shown.value = words[field.name] ?? ''
  }
}
