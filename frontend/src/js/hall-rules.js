import { say } from './dom.js'

// The same rules as yanta/systems/hall/rules: what the server refuses is said while one types. The server has the last word.
// `settled` is compared with the server's on forms drawn at random (yanta/systems/hall/tests/test_agreement.py).
const NUMBER = /^-?\d{1,15}(\.\d{1,9})?$/
const PHONE = /^\+?\d[\d -]{5,18}\d$/
const DAY = /^[1-9]\d{3}-\d\d-\d\d$/

const filled = (value) => !(value === undefined || value === null || value === '' || value === false || (Array.isArray(value) && !value.length))

/** An answer as the server reads it: numbers without the thousands' commas, in half width and without needless noughts. */
export function answer(kind, value) {
  if (typeof value === 'boolean' || Array.isArray(value)) return value
  const text = String(value ?? '').trim()
  return kind === 'number' ? plain(text) : text
}
function plain(text) {
  const number = text.normalize('NFKC').replaceAll(',', '')
  if (!NUMBER.test(number)) return number
  return number.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '').replace(/^(-?)0+(?=\d)/, '$1')
}

// Exact fractions [over, under], as the server has them; a sum that the page shows is the sum that is kept.
function fraction(value) {
  const text = String(value)
  if (Array.isArray(value) || !NUMBER.test(text)) return null
  return exact(text)
}
function exact(text) {
  const [whole, rest = ''] = text.split('.')
  return [BigInt(whole + rest), 10n ** BigInt(rest.length)]
}
const less = ([a, b], [c, d]) => a * d < c * b
const signed = ([a, b]) => (b < 0n ? [-a, -b] : [a, b])

/** How many units of the last place, half away from nought. */
function rounded([over, under], places) {
  const size = over < 0n ? -over : over
  const units = (2n * size * 10n ** BigInt(places) + under) / (2n * under)
  return over < 0n ? -units : units
}
function written(value, places) {
  const units = rounded(value, places)
  const digits = String(units < 0n ? -units : units).padStart(places + 1, '0')
  return (units < 0n ? '-' : '') + (places ? `${digits.slice(0, -places)}.${digits.slice(-places)}` : digits)
}

const said = (value) => (value === true ? '是' : value === false ? '否' : Array.isArray(value) ? value.join('、') : String(value ?? ''))

function same(left, right) {
  const [one, other] = [fraction(left), fraction(right)]
  return one && other ? !less(one, other) && !less(other, one) : left === right
}
function exceeds(left, right) {
  const [one, other] = [fraction(left), fraction(right)]
  if (one && other) return less(other, one)
  return Boolean(left && right) && left > right
}

function met([field, op, wanted], values) {
  const value = values[field]
  if (op === 'filled' || op === 'empty') return filled(value) === (op === 'filled')
  if (op === 'has') return Array.isArray(value) ? value.includes(wanted) : said(value).includes(wanted)
  const text = said(value)
  if (op === 'more') return exceeds(text, wanted)
  if (op === 'less') return exceeds(wanted, text)
  return same(text, wanted) === (op === 'is')
}

export function holds(when, values) {
  return when.any ? when.tests.some((test) => met(test, values)) : when.tests.every((test) => met(test, values))
}

const need = (value) => { if (!Array.isArray(value) || typeof value[0] !== 'bigint') throw new Error('no number'); return value }
const column = (value) => { if (!value?.rows) throw new Error('no column'); return value.rows }
const day = (tree, values) => {
  const text = tree[0] === 'field' ? String(values[tree[1]]) : ''
  const at = DAY.test(text) ? Date.parse(`${text}T00:00:00Z`) : NaN
  if (Number.isNaN(at) || new Date(at).toISOString().slice(0, 10) !== text) throw new Error('no day')
  return at
}
function over(left, right) {
  if (!right[0]) throw new Error('divided by nought')
  return signed([left[0] * right[1], left[1] * right[0]])
}
function round(value, places = [0n, 1n]) {
  const [count, rest] = [need(places)[0] / places[1], places[0] % places[1]]
  if (rest || count < 0n || count > 9n) throw new Error('no places')
  return [rounded(need(value), Number(count)), 10n ** count]
}
const best = (given, better) => given.map(need).reduce((kept, one) => (better(one, kept) ? one : kept))

const DOES = {
  '+': (a, b) => [need(a)[0] * need(b)[1] + b[0] * a[1], a[1] * b[1]],
  '-': (a, b) => [need(a)[0] * need(b)[1] - b[0] * a[1], a[1] * b[1]],
  '*': (a, b) => [need(a)[0] * need(b)[0], a[1] * b[1]],
  '/': (a, b) => over(need(a), need(b)),
  sum: (rows) => column(rows).reduce((total, one) => (one ? DOES['+'](total, one) : total), [0n, 1n]),
  count: (rows) => [BigInt(column(rows).length), 1n],
  round,
  min: (...given) => best(given, less),
  max: (...given) => best(given, (one, kept) => less(kept, one)),
}

function worth(tree, values) {
  const [head, ...rest] = tree
  if (head === 'number') return exact(rest[0])
  if (head === 'field') {
    const name = rest[0]
    const dot = name.indexOf('.')
    if (dot > 0 && !(name in values)) return { rows: (values[name.slice(0, dot)] ?? []).map((row) => fraction(row[name.slice(dot + 1)])) }
    return Array.isArray(values[name]) ? { rows: values[name].map(fraction) } : fraction(values[name])
  }
  if (head === 'days') {
    const [from, to] = rest.map((one) => day(one, values))
    return [BigInt((to - from) / 86400e3 + 1), 1n]
  }
  return DOES[head](...rest.map((one) => worth(one, values)))
}

/** The value of a calculated field as it is written, or nothing while something is missing. */
export function computed(tree, values, places) {
  try {
    const found = need(worth(tree, values))
    const limit = 10n ** 15n * found[1]
    return found[0] < limit && found[0] > -limit ? written(found, places) : null
  } catch { return null }
}

/**
 * What is shown, and what calculated fields come to. `items` are the fields of the page, `{name, kind, whens, tree, places}` with
 * names such as `f1` and `g1.0.a1`; `given` their answers by the same names. What is hidden counts as empty.
 */
export function settled(items, given) {
  let found = { answers: given, hidden: new Set() }
  for (let round = 0; round <= items.length + 1; round += 1) {
    const after = once(items, given, found.answers)
    const still = [...after.hidden].join() === [...found.hidden].join() && items.every(({ name }) => after.answers[name] === found.answers[name])
    found = after
    if (still) break
  }
  return { ...found, seen: sight(items, found.answers) }
}

function once(items, given, before) {
  const after = { answers: { ...given }, hidden: new Set() }
  const seen = sight(items, before)
  for (const one of items) {
    const values = seen(one.name)
    const shown = one.whens.every((when) => holds(when, values))
    if (!shown) after.hidden.add(one.name)
    after.answers[one.name] = !shown ? null : one.tree ? computed(one.tree, values, one.places) : given[one.name]
  }
  return after
}

/** What the conditions and formulas of a field may look at: single answers, rows in which something is filled in, its own row. */
function sight(items, answers) {
  const calculated = new Set(items.filter((one) => one.tree).map((one) => one.name))
  const values = {}
  const own = {}
  const rows = {}
  for (const [name, value] of Object.entries(answers)) {
    const [group, number, field] = name.split('.')
    if (field === undefined) { values[name] = value; continue }
    const row = ((rows[group] ??= {})[number] ??= { isBlank: true, fields: {} })
    row.fields[field] = value
    row.isBlank &&= calculated.has(name) || !filled(value)
    ;(own[`${group}.${number}`] ??= {})[`${group}.${field}`] = value
  }
  for (const [group, lines] of Object.entries(rows)) values[group] = Object.values(lines).filter((row) => !row.isBlank).map((row) => row.fields)
  return (name) => (name.includes('.') ? { ...values, ...own[name.slice(0, name.lastIndexOf('.'))] } : values)
}

/** Why an answer does not do, or nothing. */
export function wrong(rule, value) {
  if (!filled(value)) {
    if (!rule.required) return ''
    if (rule.kind === 'yes_no') return say('请先勾选', 'Please tick this first')
    const verb = { choice: '请选择', choices: '请选择', date: '请选择', file: '请上传', signature: '请手写' }[rule.kind] ?? '请填写'
    return say(`${verb}${rule.label}`, `${rule.label} is needed`)
  }
  const text = String(value).trim()
  if (rule.kind === 'number') {
    const number = plain(text)
    if (!NUMBER.test(number)) return say('请填数字', 'A number, please')
    if (rule.least && exceeds(rule.least, number)) return say(`不能小于 ${rule.least}${rule.unit}`, `At least ${rule.least}`)
    if (rule.most && exceeds(number, rule.most)) return say(`不能大于 ${rule.most}${rule.unit}`, `At most ${rule.most}`)
  }
  if (rule.kind === 'phone' && !PHONE.test(text)) return say('请填写电话号码，如 13800000000', 'A telephone number, please')
  if (rule.kind === 'date' && rule.least && text < rule.least) return say(`不能早于 ${rule.least}`, `Not before ${rule.least}`)
  if (rule.kind === 'date' && rule.most && text > rule.most) return say(`不能晚于 ${rule.most}`, `Not after ${rule.most}`)
  return ''
}
