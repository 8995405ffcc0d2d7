import { make } from './dom.js'

/* The conditions of a question: groups of all or any, each line a field, a test and its values. The hidden field keeps JSON. */

const BARE = ['empty', 'filled']

function option(value, label, chosen) {
  const one = make('option', '', label)
  one.value = value
  one.selected = value === chosen
  return one
}

function select(options, chosen, label, act) {
  const box = make('select', 'form-select')
  box.setAttribute('aria-label', label)
  box.append(...options.map(([value, text]) => option(value, text, chosen)))
  box.addEventListener('change', () => act(box.value))
  return box
}

function button(icon, text, act) {
  const one = make('button', 'btn btn-ghost btn-sm')
  one.type = 'button'
  one.append(make('i', `ti ti-${icon}`), text)
  one.addEventListener('click', act)
  return one
}

function input(kind, value, label, act) {
  const one = make('input', 'form-control')
  one.type = { date: 'date', instant: 'date' }[kind] ?? 'text'
  if (kind === 'integer' || kind === 'decimal') one.inputMode = 'decimal'
  one.value = value ?? ''
  one.setAttribute('aria-label', label)
  one.addEventListener('input', () => act(one.value.trim()))
  return one
}

function fill(box, fields) {
  const chosen = box.value
  const groups = Map.groupBy(fields.filter((field) => !field.sealed), (field) => field.group)
  box.replaceChildren(box.options[0], ...[...groups].map(([title, members]) => {
    const group = make('optgroup')
    group.label = title
    group.append(...members.map((field) => option(field.name, field.title, chosen)))
    return group
  }))
}

export async function build(form, say) {
  const hidden = form.querySelector('[name="w"]')
  const place = form.querySelector('[data-conditions-here]')
  if (place.dataset.built) return
  place.dataset.built = '1'
  const { fields, tests } = await (await fetch(form.dataset.conditions)).json()
  for (const box of form.querySelectorAll('select[data-choose]')) fill(box, fields)
  const byName = Object.fromEntries(fields.map((field) => [field.name, field]))
  const root = normal(JSON.parse(hidden.value || '{"all":[]}'))

  function normal(node) {
    if ('field' in node || 'not' in node) return { all: [node] }
    return node
  }
  const kindOf = (group) => ('any' in group ? 'any' : 'all')
  const keep = () => { hidden.value = JSON.stringify(root) }
  const again = () => { keep(); place.replaceChildren(group(root, null)) }
  const fresh = () => ({ field: fields[0].name, is: testsOf(fields[0])[0][0], value: '' })

  function testsOf(field) {
    return Object.entries(tests).filter(([name]) => {
      if (field.sealed) return ['eq', 'ne', 'empty', 'filled'].includes(name)
      if (name === 'under') return field.unit
      if (name === 'contains' || name === 'starts') return field.kind === 'text' && !field.options
      if (['lt', 'le', 'gt', 'ge', 'between'].includes(name)) return field.kind !== 'text' && field.kind !== 'flag'
      return true
    })
  }

  function group(node, parent) {
    const kind = kindOf(node)
    const box = make('div', 'w-group')
    const head = make('div', 'head')
    head.append(select([['all', say('满足全部', 'All of')], ['any', say('满足任一', 'Any of')]], kind, say('组合方式', 'Combine'), (chosen) => {
      const inner = node[kind]
      delete node[kind]
      node[chosen] = inner
      again()
    }))
    head.append(button('plus', say('条件', 'Condition'), () => { node[kindOf(node)].push(fresh()); again() }))
    head.append(button('brackets', say('分组', 'Group'), () => { node[kindOf(node)].push({ any: [fresh()] }); again() }))
    if (parent) head.append(button('x', say('去掉分组', 'Remove'), () => { parent.splice(parent.indexOf(node), 1); again() }))
    box.append(head, ...node[kind].map((inner) => ('field' in inner ? clause(inner, node[kind]) : group(inner, node[kind]))))
    return box
  }

  function clause(node, siblings) {
    const field = byName[node.field] ?? fields[0]
    const box = make('div', 'w-clause')
    const line = make('div', 'line')
    line.append(select(fields.map((one) => [one.name, one.title]), field.name, say('字段', 'Field'), (name) => {
      Object.assign(node, { field: name, is: testsOf(byName[name])[0][0], value: '' })
      again()
    }))
    line.append(select(testsOf(field), node.is, say('比较', 'Test'), (test) => {
      const many = test === 'in' || test === 'not_in' || test === 'between'
      const first = Array.isArray(node.value) ? node.value[0] ?? '' : node.value
      Object.assign(node, { is: test, value: BARE.includes(test) ? undefined : many ? (test === 'between' ? [first, ''] : first ? [first] : []) : first })
      again()
    }))
    const drop = button('x', '', () => { siblings.splice(siblings.indexOf(node), 1); again() })
    drop.setAttribute('aria-label', say('去掉这个条件', 'Remove this condition'))
    box.append(line, drop)
    if (!BARE.includes(node.is)) box.append(values(node, field))
    return box
  }

  function values(node, field) {
    const box = make('div', 'values')
    const label = say('值', 'Value')
    const set = (value) => { node.value = value; keep() }
    if (node.is === 'between') {
      for (const at of [0, 1]) box.append(input(field.kind, node.value?.[at], label, (value) => { node.value[at] = value; keep() }))
    } else if (field.options && (node.is === 'in' || node.is === 'not_in')) {
      const pick = make('div', 'w-pick')
      for (const [value, text] of field.options) {
        const line = make('label', 'y-check')
        const tick = make('input')
        tick.type = 'checkbox'
        tick.checked = node.value?.includes(value)
        tick.addEventListener('change', () => set(tick.checked ? [...(node.value || []), value] : node.value.filter((one) => one !== value)))
        line.append(tick, text)
        pick.append(line)
      }
      box.append(pick)
    } else if (node.is === 'in' || node.is === 'not_in') {
      box.append(input('text', (node.value || []).join('、'), say('多个值用顿号分开', 'Values, separated by commas'), (text) => set(text.split(/[、,，\s]+/).filter(Boolean))))
    } else if (field.options) {
      if (!node.value) set(field.options[0][0])
      box.append(select(field.options, node.value, label, set))
    } else box.append(input(field.kind, node.value, label, set))
    return box
  }

  again()
}
