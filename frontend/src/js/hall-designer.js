import { make, say } from './dom.js'

const ICONS = { text: 'cursor-text', long: 'align-left', number: 'number', date: 'calendar', choice: 'circle-dot', choices: 'checkbox', yes_no: 'toggle-left', phone: 'phone', file: 'paperclip', signature: 'signature', calc: 'calculator', note: 'info-circle' }
const OPS = { is: '等于', is_not: '不等于', more: '大于', less: '小于', filled: '已填写', empty: '没有填写', has: '包含' }
const headers = () => ({ ...JSON.parse(document.body.getAttribute('hx-headers') ?? '{}'), 'Content-Type': 'application/json' })

/** Puts fields together by tap or drag, binds them to elements and builds conditions by choosing; nothing is typed as code but a formula. */
export function design(box) {
  const form = JSON.parse(document.getElementById(box.dataset.schema).textContent)
  const elements = JSON.parse(document.getElementById(box.dataset.elements).textContent)
  const kinds = JSON.parse(document.getElementById(box.dataset.kinds).textContent)
  if (!form.parts?.length) form.parts = [{ title: '申请内容', questions: [] }]
  const sheet = box.querySelector('.sheet')
  const side = box.querySelector('[data-side]')
  const said = document.querySelector('[data-design-said]')
  let chosen = [0, -1]
  let timer = 0
  let next = 1 + Math.max(0, ...form.parts.flatMap((part) => part.questions.map((one) => Number(one.name.replace(/\D/g, '')) || 0)))

  const all = () => form.parts.flatMap((part) => (part.name ? [] : part.questions))
  // A condition looks at single fields, within rows also at the own row; there a field is called `g1.f2`.
  const testable = (target, part) => [
    ...all().map((one) => ({ name: one.name, one })),
    ...(part?.name ? part.questions.map((one) => ({ name: `${part.name}.${one.name}`, one })) : []),
  ].filter(({ one }) => one !== target && !['note', 'file', 'signature'].includes(one.kind))
  const current = () => (chosen[1] < 0 ? form.parts[chosen[0]] : form.parts[chosen[0]]?.questions[chosen[1]])

  async function save() {
    const answer = await fetch(box.dataset.save, { method: 'POST', body: JSON.stringify(form), headers: headers() }).catch(() => null)
    const told = answer ? await answer.json().catch(() => ({})) : {}
    said.textContent = !answer ? say('网络不通，还没有保存', 'No connection, not kept') : answer.ok ? (told.faults.length ? say(`草稿已保存；发布前还要处理：${told.faults.join('；')}`, `Kept; before publishing: ${told.faults.join('; ')}`) : say('草稿已保存，可以发布', 'Kept; ready to publish')) : (told.message ?? say('没有保存', 'Not kept'))
  }
  function changed(redraw = true) {
    clearTimeout(timer)
    timer = setTimeout(save, 600)
    if (redraw) draw()
    else drawSheet()
  }

  function add(kind) {
    const part = form.parts[chosen[0]] ?? form.parts[0]
    const one = { name: `f${next++}`, label: `${kinds[kind]}${all().filter((each) => each.kind === kind).length + 1}`, kind }
    if (kind === 'choice' || kind === 'choices') one.options = ['选项一', '选项二']
    part.questions.splice(chosen[1] < 0 ? part.questions.length : chosen[1] + 1, 0, one)
    chosen = [form.parts.indexOf(part), part.questions.indexOf(one)]
    changed()
  }

  function move(list, at, by) {
    const to = at + by
    if (to < 0 || to >= list.length) return at
    list.splice(to, 0, ...list.splice(at, 1))
    return to
  }

  function row(label, control, help) {
    const field = make('label', 'y-field')
    field.append(make('span', 'y-label', label), control)
    if (help) field.append(make('span', 'y-help', help))
    return field
  }
  function input(value, act, { long = false, type = 'text' } = {}) {
    const one = make(long ? 'textarea' : 'input', 'form-control')
    if (!long) one.type = type
    one.value = value ?? ''
    one.addEventListener('input', () => { act(one.value); changed(false) })
    return one
  }
  function choice(options, value, act) {
    const one = make('select', 'form-select')
    for (const [key, label] of options) one.append(new Option(label, key, false, key === (value ?? '')))
    one.addEventListener('change', () => { act(one.value); changed() })
    return one
  }
  function tick(label, value, act) {
    const one = make('label', 'y-check')
    const mark = Object.assign(make('input'), { type: 'checkbox', checked: Boolean(value) })
    mark.addEventListener('change', () => { act(mark.checked); changed() })
    one.append(mark, make('span', '', label))
    return one
  }
  function button(icon, label, act, tone = '') {
    const one = make('button', `btn btn-sm ${tone}`)
    one.type = 'button'
    one.append(make('i', `ti ti-${icon}`), document.createTextNode(label))
    one.addEventListener('click', act)
    return one
  }

  function conditions(target, part) {
    const group = make('fieldset', 'y-field')
    group.append(make('legend', 'y-label', say('什么时候显示', 'Shown when')))
    const when = (target.when ??= { join: 'all', tests: [] })
    when.tests.forEach((test, at) => {
      const line = make('div', 'line wrap')
      const others = testable(target, part)
      line.append(choice([['', '选字段'], ...others.map(({ name, one }) => [name, one.label])], test.field, (value) => { test.field = value }))
      line.append(choice(Object.entries(OPS), test.op, (value) => { test.op = value }))
      const about = others.find(({ name }) => name === test.field)?.one
      if (!['filled', 'empty'].includes(test.op)) {
        if (about?.options?.length) line.append(choice([['', '选一个'], ...about.options.map((one) => [one, one])], test.value, (value) => { test.value = value }))
        else if (about?.kind === 'yes_no') line.append(choice([['是', '是'], ['否', '否']], test.value || '是', (value) => { test.value = value }))
        else line.append(input(test.value, (value) => { test.value = value }, { type: about?.kind === 'date' ? 'date' : 'text' }))
      }
      line.append(button('x', '', () => { when.tests.splice(at, 1); changed() }, 'btn-ghost'))
      group.append(line)
    })
    if (when.tests.length > 1) group.append(choice([['all', '全部满足'], ['any', '满足一个']], when.join, (value) => { when.join = value }))
    group.append(button('plus', say('加条件', 'Add'), () => { when.tests.push({ field: '', op: 'is', value: '' }); changed() }))
    return group
  }

  function drawPart(part) {
    side.append(make('h2', '', say('分组', 'Section')))
    side.append(row('标题', input(part.title, (value) => { part.title = value })), row('说明', input(part.note, (value) => { part.note = value }, { long: true })))
    side.append(tick('可以增加多行（如明细）', part.name, (on) => { if (on) part.name = `g${next++}`; else delete part.name }))
    if (part.name) side.append(row('最少行数', input(part.least, (value) => { part.least = value }, { type: 'number' })), row('最多行数', input(part.most, (value) => { part.most = value }, { type: 'number' })))
    side.append(conditions(part))
    if (form.parts.length > 1) side.append(button('trash', say('删除分组', 'Remove'), () => { form.parts.splice(chosen[0], 1); chosen = [0, -1]; changed() }, 'btn-ghost'))
  }

  function drawQuestion(one, part) {
    side.append(make('h2', '', kinds[one.kind]))
    side.append(row(say('名称', 'Name'), input(one.label, (value) => { one.label = value })))
    if (one.kind !== 'note' && one.kind !== 'calc') side.append(tick(say('必填', 'Required'), one.required, (on) => { one.required = on }))
    if (!part.name && ['text', 'phone', 'date', 'long', 'number'].includes(one.kind)) {
      side.append(row(say('学校已有的数据', 'Known as'), choice([['', '没有，请申请人填'], ...elements.map((each) => [each.name, `${each.label}（${each.owner || '学校'}）`])], one.element, (value) => {
        one.element = value
        if (value && /\d$/.test(one.label)) one.label = elements.find((each) => each.name === value).label
      }), say('选了以后自动填好并锁定，注明来源；学校不知道时才请申请人填', 'Filled and locked where the school knows it')))
    }
    if (one.options) side.append(row(say('选项（每行一个）', 'Options'), input(one.options.join('\n'), (value) => { one.options = value.split('\n').map((each) => each.trim()).filter(Boolean) }, { long: true })))
    if (one.kind === 'number' || one.kind === 'date') {
      const type = one.kind === 'date' ? 'date' : 'text'
      side.append(row(one.kind === 'date' ? '最早' : '最小', input(one.least, (value) => { one.least = value }, { type })), row(one.kind === 'date' ? '最晚' : '最大', input(one.most, (value) => { one.most = value }, { type })))
    }
    if (one.kind === 'number' || one.kind === 'calc') side.append(row(say('单位', 'Unit'), input(one.unit, (value) => { one.unit = value })))
    if (one.kind === 'text' || one.kind === 'long') side.append(row(say('最多字数', 'Longest'), input(one.most, (value) => { one.most = value }, { type: 'number' })))
    if (one.kind === 'calc') {
      const formula = input(one.formula, (value) => { one.formula = value }, { long: true })
      side.append(row(say('公式', 'Formula'), formula, '可用 + - * / 和 sum、count、days、round、min、max；字段点下面的按钮放进来'))
      const names = make('div', 'line wrap')
      const usable = form.parts.flatMap((each) => each.questions.filter((other) => other !== one && ['number', 'date', 'calc'].includes(other.kind)).map((other) => (each.name ? `${each.title}.${other.label}` : other.label)))
      for (const name of usable) names.append(button('plus', name, () => { one.formula = `${formula.value}[${name}]`; changed() }, 'btn-ghost'))
      side.append(names)
    }
    side.append(row(say('填写说明', 'Help'), input(one.help, (value) => { one.help = value })))
    side.append(conditions(one, part))
    const tools = make('div', 'line wrap')
    tools.append(
      button('arrow-up', say('上移', 'Up'), () => { chosen[1] = move(part.questions, chosen[1], -1); changed() }),
      button('arrow-down', say('下移', 'Down'), () => { chosen[1] = move(part.questions, chosen[1], 1); changed() }),
      button('trash', say('删除', 'Remove'), () => { part.questions.splice(chosen[1], 1); chosen = [chosen[0], -1]; changed() }, 'btn-ghost'),
    )
    side.append(tools)
  }

  function item(one, p, q) {
    const line = make('div', `item${chosen[0] === p && chosen[1] === q ? ' on' : ''}`)
    Object.assign(line, { draggable: true, tabIndex: 0 })
    const main = make('span', 'main')
    const bound = elements.find((each) => each.name === one.element)
    main.append(make('b', '', one.label || '（没有名称）'), make('small', '', [kinds[one.kind], one.required ? '必填' : '', bound ? `学校已有：${bound.label}` : '', one.when?.tests?.length ? '有显示条件' : '', one.formula].filter(Boolean).join(' · ')))
    line.append(make('i', `ti ti-${ICONS[one.kind]}`), main)
    if (bound) line.append(make('i', 'ti ti-lock'))
    const pick = () => { chosen = [p, q]; draw() }
    line.addEventListener('click', pick)
    line.addEventListener('keydown', (event) => {
      if (event.key === 'Enter') pick()
      if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) { event.preventDefault(); chosen = [p, move(form.parts[p].questions, q, event.key === 'ArrowUp' ? -1 : 1)]; changed(); sheet.querySelector('.item.on')?.focus() }
    })
    line.addEventListener('dragstart', (event) => event.dataTransfer.setData('text/plain', JSON.stringify([p, q])))
    line.addEventListener('dragover', (event) => { event.preventDefault(); line.classList.add('over') })
    line.addEventListener('dragleave', () => line.classList.remove('over'))
    line.addEventListener('drop', (event) => { event.preventDefault(); event.stopPropagation(); drop(event, p, q) })
    return line
  }

  function drop(event, p, q) {
    const text = event.dataTransfer.getData('text/plain')
    if (text.startsWith('kind:')) { chosen = [p, q - 1]; add(text.slice(5)); return }
    const [fromPart, from] = JSON.parse(text)
    const [moved] = form.parts[fromPart].questions.splice(from, 1)
    form.parts[p].questions.splice(q - (fromPart === p && from < q ? 1 : 0), 0, moved)
    chosen = [p, form.parts[p].questions.indexOf(moved)]
    changed()
  }

  function drawSheet() {
    sheet.replaceChildren(...form.parts.map((part, p) => {
      const group = make('section', `part${chosen[0] === p && chosen[1] < 0 ? ' on' : ''}`)
      const head = make('button', 'btn btn-ghost')
      head.type = 'button'
      head.append(make('b', '', part.title || '（没有标题）'), document.createTextNode(part.name ? ' · 可增加行' : ''))
      head.addEventListener('click', () => { chosen = [p, -1]; draw() })
      group.append(head, ...part.questions.map((one, q) => item(one, p, q)))
      if (!part.questions.length) group.append(make('p', 'y-help', say('点左边的字段加进来，或拖到这里', 'Tap a field at the left, or drag it here')))
      group.addEventListener('dragover', (event) => event.preventDefault())
      group.addEventListener('drop', (event) => { event.preventDefault(); drop(event, p, part.questions.length) })
      return group
    }))
    sheet.append(button('plus', say('加一个分组', 'Add a section'), () => { form.parts.push({ title: `分组${form.parts.length + 1}`, questions: [] }); chosen = [form.parts.length - 1, -1]; changed() }))
  }

  function draw() {
    drawSheet()
    side.replaceChildren()
    const part = form.parts[chosen[0]]
    if (!part) return
    if (chosen[1] < 0 || !current()) drawPart(part)
    else drawQuestion(current(), part)
  }

  for (const one of box.querySelectorAll('[data-kind]')) {
    one.addEventListener('click', () => add(one.dataset.kind))
    one.addEventListener('dragstart', (event) => event.dataTransfer.setData('text/plain', `kind:${one.dataset.kind}`))
  }
  draw()
}
