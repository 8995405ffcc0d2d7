import { make, say } from '../js/dom.js'
import { inEnglish as t } from './english.js'

const KINDS = [
  ['relation', '与申请人的关系'], ['role', '本单位的角色'], ['role@school', '全校的角色'], ['applicant', '申请人本人'], ['unit', '单位或岗位（编号）'],
  ['person', '指定的人（人员号）'], ['pool', '角色里谁先认领谁办'], ['node', '前面某一步的办理人'], ['decision', '查决策表'], ['expression', '按表达式'],
]
const SPANS = [['wd', '个工作日'], ['wh', '个工作小时'], ['d', '天'], ['h', '小时']]
const isA = (element, ...types) => types.some((type) => element.businessObject?.$instanceOf?.(`bpmn:${type}`))

/** Properties of what is selected, asked as a clerk would ask them. */
export function panelOf(modeler, box, words) {
  const modeling = modeler.get('modeling')
  const show = (element) => {
    const set = (values) => modeling.updateProperties(element, values)
    box.replaceChildren(make('h2', 'h4', titleOf(element)), ...fieldsOf(element, { modeler, words, set, show: () => show(element) }))
  }
  const root = () => modeler.get('canvas').getRootElement()
  modeler.on('selection.changed', ({ newSelection }) => show(newSelection[0] ?? root()))
  modeler.on('element.changed', ({ element }) => {
    const shown = modeler.get('selection').get()[0] ?? root()
    if (element === shown && !box.contains(document.activeElement)) show(element)
  })
  show(root())
}

function titleOf(element) {
  if (isA(element, 'Process', 'Collaboration')) return say('整个流程', 'Process')
  if (isA(element, 'SequenceFlow')) return say('连线', 'Flow')
  if (isA(element, 'EndEvent')) return say('结束', 'End')
  if (isA(element, 'Gateway')) return say('网关（分支）', 'Gateway')
  if (isA(element, 'ServiceTask', 'SendTask', 'BusinessRuleTask')) return say('自动动作', 'Service')
  return isA(element, 'Task') ? say('一步办理', 'Step') : say('属性', 'Properties')
}

function fieldsOf(element, tools) {
  const target = element.labelTarget ?? element
  const of = { element: target, ...tools, get: (name) => target.businessObject.get(`yanta:${name}`) ?? '', put: (name, value) => tools.set({ [`yanta:${name}`]: value || undefined }) }
  if (isA(target, 'Process')) return processFields(of)
  if (isA(target, 'Collaboration', 'Participant', 'Lane')) return [name(of)]
  if (isA(target, 'SequenceFlow')) return [name(of), ...flowFields(of)]
  if (isA(target, 'ServiceTask', 'SendTask', 'BusinessRuleTask')) return [name(of), ...serviceFields(of)]
  if (isA(target, 'Task')) return [name(of), ...stepFields(of)]
  if (isA(target, 'EndEvent')) return [name(of), choice(of, 'outcome', '走到这里算', [['', '由最后一步决定'], ['granted', '通过'], ['refused', '不通过']])]
  if (isA(target, 'Event')) return [name(of), ...timerFields(of)]
  return isA(target, 'FlowNode') ? [name(of)] : []
}

function stepFields(of) {
  const { words } = of
  return [
    people(of, 'assignees', '谁来办'),
    choice(of, 'sign', '几个人时', [['', '一人办了就行（或签）'], ['all', '都要同意（会签）'], ['share', '达到比例就行（比例签）']], true),
    ...(of.get('sign') === 'share' ? [text(of, 'share', '同意的比例（%）', '67')] : []),
    ...(of.get('sign') ? [choice(of, 'order', '先后', [['', '同时办'], ['sequential', '一个接一个']]), flag(of, 'veto', '一人不同意就不通过', true)] : []),
    choice(of, 'operation', '同意时执行', [['', '只记意见'], ...words.operations]),
    choice(of, 'refuse', '不同意时执行', [['', '办件结束，不另外执行'], ...words.operations]),
    span(of, 'due', '办理期限'),
    span(of, 'amber', '到期前多久亮黄灯'),
    choice(of, 'overdue', '逾期后', [['', '提醒'], ['escalate', '升级给别人'], ['pass', '自动通过'], ['refuse', '自动不通过']], true),
    ...(of.get('overdue') === 'escalate' ? [people(of, 'escalate', '升级给谁', true)] : []),
    choice(of, 'returns', '可以退回', [['', '前面任何一步或申请人'], ['applicant', '只能退给申请人'], ['none', '不能退回']]),
    choice(of, 'opinion', '意见', [['', '不同意时必填'], ['required', '必填'], ['optional', '可不填']]),
    flag(of, 'bulk', '可以批量同意'),
    flag(of, 'skipSame', '前面同一人批过就跳过'),
    flag(of, 'ownMatter', '申请人可以批自己的'),
    text(of, 'auto', '满足时自动通过', words.names.length ? `${t('如')} ${words.names[0][0]} < 1` : '', namesOf(words)),
    people(of, 'fallback', '找不到人时交给', true),
    people(of, 'copies', '办完传阅给'),
    choice(of, 'compensate', '终止时撤销', [['', '不用'], ...words.operations]),
    many(of, 'forbids', '不许', words.verbs),
  ]
}

function processFields(of) {
  const { words } = of
  const operation = (key, label) => choice(of, key, label, [['', '不另外执行'], ...words.operations])
  return [name(of, '名称'), people(of, 'owner', '流程负责人（没人办时找他）', true), operation('withdraw', '撤回时执行'), operation('sendBack', '退回申请人时执行'),
    operation('resume', '重新提交时执行'), operation('refuse', '不通过时执行'), operation('terminate', '终止时执行')]
}

function serviceFields(of) {
  return [choice(of, 'operation', '执行操作', [['', '不执行'], ...of.words.operations]), choice(of, 'service', '或系统动作', [['', '无'], ...of.words.services])]
}

function flowFields(of) {
  const flow = of.element.businessObject
  if (!isA({ businessObject: flow.sourceRef }, 'ExclusiveGateway', 'InclusiveGateway', 'Activity')) return []
  const field = labelled('走这条线的条件', input(flow.conditionExpression?.body ?? '', (value) => {
    const moddle = of.modeler.get('moddle')
    of.set({ conditionExpression: value ? moddle.create('bpmn:FormalExpression', { body: value }) : undefined })
  }), namesOf(of.words))
  const isDefault = flow.sourceRef.default === flow
  const box = make('input')
  box.type = 'checkbox'
  box.checked = isDefault
  box.addEventListener('change', () => of.modeler.get('modeling').updateProperties(of.element.source, { default: box.checked ? flow : undefined }))
  const label = make('label', 'y-check')
  label.append(box, say('其他都不成立时走这条', 'Default'))
  return [field, label]
}

function timerFields(of) {
  const timer = (of.element.businessObject.eventDefinitions ?? []).find((one) => one.$type === 'bpmn:TimerEventDefinition')
  if (!timer) return []
  const set = (value) => {
    const moddle = of.modeler.get('moddle')
    of.modeler.get('modeling').updateModdleProperties(of.element, timer, {
      timeDuration: value ? moddle.create('bpmn:FormalExpression', { body: value }) : undefined, timeDate: undefined, timeCycle: undefined,
    })
  }
  return [labelled('过多久', input(timer.timeDuration?.body ?? '', set), 'P3D 三天，PT8H 八小时'), flag(of, 'workTime', '只算工作时间')]
}

const namesOf = (words) => `${t('可以用：')}${[...words.names, ['verdict', t('上一步的结论')]].map(([key, title]) => `${key}（${title}）`).join('、')}`

function labelled(label, control, help = '') {
  const box = make('div', 'y-field')
  const title = make('label', '', t(label))
  control.id = `p_${Math.random().toString(36).slice(2, 9)}`
  title.htmlFor = control.id
  box.append(title, control)
  if (help) box.append(make('div', 'y-help', t(help)))
  return box
}

function input(value, put, placeholder = '') {
  const box = make('input', 'form-control')
  box.value = value
  box.placeholder = placeholder
  box.addEventListener('change', () => put(box.value.trim()))
  return box
}

function select(value, options, put) {
  const box = make('select', 'form-select')
  const known = options.some(([key]) => key === value)
  for (const [key, title] of known ? options : [...options, [value, value]]) {
    const one = make('option', '', t(title))
    one.value = key
    one.selected = key === value
    box.append(one)
  }
  box.addEventListener('change', () => put(box.value))
  return box
}

const name = (of, label = '名称') => labelled(label, input(of.element.businessObject.name ?? '', (value) => of.set({ name: value })))
const text = (of, key, label, placeholder, help) => labelled(label, input(of.get(key), (value) => of.put(key, value), placeholder), help)
const choice = (of, key, label, options, again = false) => labelled(label, select(of.get(key), options, (value) => { of.put(key, value); if (again) of.show() }))

function flag(of, key, label, standard = false) {
  const box = make('input')
  box.type = 'checkbox'
  box.checked = of.get(key) === '' ? standard : of.get(key) === 'true'
  box.addEventListener('change', () => of.put(key, box.checked === standard ? '' : String(box.checked)))
  const row = make('label', 'y-check')
  row.append(box, t(label))
  return row
}

function many(of, key, label, options) {
  const chosen = new Set(of.get(key).split(/\s+/).filter(Boolean))
  const box = make('fieldset', 'y-field')
  box.append(make('legend', 'y-label', t(label)))
  for (const [value, title] of options) {
    const tick = make('input')
    tick.type = 'checkbox'
    tick.checked = chosen.has(value)
    tick.addEventListener('change', () => {
      chosen[tick.checked ? 'add' : 'delete'](value)
      of.put(key, [...chosen].join(' '))
    })
    const row = make('label', 'y-check')
    row.append(tick, t(title))
    box.append(row)
  }
  return box
}

function span(of, key, label) {
  const found = /^(\d+)(wh|wd|h|d)$/.exec(of.get(key)) ?? ['', '', 'wd']
  const line = make('div', 'line')
  const put = () => of.put(key, number.value.trim() ? `${number.value.trim()}${unit.value}` : '')
  const number = input(found[1], put)
  number.inputMode = 'numeric'
  const unit = select(found[2], SPANS, put)
  unit.setAttribute('aria-label', t('单位'))
  line.append(number, unit)
  const box = labelled(label, number)
  box.append(line)
  return box
}

/** Who is asked: rows of kind and value; written as `kind:value; kind:value`. */
function people(of, key, label, single = false) {
  const rows = of.get(key).split(';').map((one) => one.trim()).filter(Boolean).map(parse)
  const write = () => of.put(key, rows.filter((one) => one.value || one.kind === 'applicant').map(written).join('; '))
  const box = make('fieldset', 'y-field')
  box.append(make('legend', 'y-label', t(label)))
  rows.forEach((row, at) => box.append(person(of, row, write, () => { rows.splice(at, 1); write(); of.show() })))
  if (!single || !rows.length) {
    const add = make('button', 'btn btn-sm', t('＋ 加一种'))
    add.type = 'button'
    add.addEventListener('click', () => {
      const row = { kind: 'relation', value: '' }
      rows.push(row)
      add.before(person(of, row, write, () => { rows.splice(rows.indexOf(row), 1); write(); of.show() }))
    })
    box.append(add)
  }
  return box
}

function parse(one) {
  const [kind, value = ''] = [one.split(':')[0], one.slice(one.indexOf(':') + 1)]
  if (kind === 'applicant') return { kind, value: '' }
  return kind === 'role' && value.endsWith('@school') ? { kind: 'role@school', value: value.replace('@school', '') } : { kind, value }
}

function written({ kind, value }) {
  if (kind === 'applicant') return kind
  return kind === 'role@school' ? `role:${value}@school` : `${kind}:${value}`
}

function person(of, row, write, drop) {
  const line = make('div', 'line y-assignee')
  const draw = () => {
    const kind = select(row.kind, KINDS, (value) => { row.kind = value; row.value = ''; write(); draw() })
    kind.setAttribute('aria-label', t('怎么找人'))
    const options = { relation: of.words.relations, role: of.words.roles, 'role@school': of.words.roles, pool: of.words.roles, node: steps(of), decision: of.words.tables }[row.kind]
    const put = (value) => { row.value = value; write() }
    const value = row.kind === 'applicant' ? null : options ? select(row.value, [['', '请选择'], ...options], put) : input(row.value, put)
    value?.setAttribute('aria-label', t('是谁'))
    const off = make('button', 'btn btn-ghost btn-icon btn-sm', '×')
    off.type = 'button'
    off.setAttribute('aria-label', t('去掉'))
    off.addEventListener('click', drop)
    line.replaceChildren(...[kind, value, off].filter(Boolean))
  }
  draw()
  return line
}

function steps(of) {
  return of.modeler.get('elementRegistry').filter((one) => isA(one, 'Task') && one !== of.element).map((one) => [one.id, one.businessObject.name ?? one.id])
}
