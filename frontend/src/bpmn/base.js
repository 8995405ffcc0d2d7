import 'bpmn-js/dist/assets/diagram-js.css'
import 'bpmn-js/dist/assets/bpmn-js.css'
import 'bpmn-js/dist/assets/bpmn-font/css/bpmn.css'
import plain from './yanta.json'
import { say } from '../js/dom.js'
import { CHINESE } from './words.js'

/** Yanta's attributes as the library wants them described: text, one attribute each. */
export const yanta = {
  ...plain,
  types: plain.types.map((type) => ({ ...type, properties: type.properties.map((name) => ({ name, isAttr: true, type: 'String' })) })),
}

const inWords = (text, values = {}) => (say(CHINESE[text] ?? text, text)).replace(/{([^}]+)}/g, (_, key) => values[key] ?? `{${key}}`)
export const translation = { translate: ['value', inWords] }

export async function fetched(address, options = {}) {
  const answer = await fetch(address, { headers: { accept: 'application/json', ...(options.headers ?? {}) }, ...options })
  const data = await answer.json().catch(() => ({}))
  if (!answer.ok && answer.status !== 422) throw new Error(String(answer.status))
  return data
}

/** The whole drawing in sight, never larger than life. */
export function fit(viewer) {
  const canvas = viewer.get('canvas')
  canvas.zoom('fit-viewport', 'auto')
  if (canvas.zoom() > 1) canvas.zoom(1, 'auto')
}

export function mark(viewer, ids, name) {
  const elements = viewer.get('elementRegistry')
  for (const id of ids ?? []) if (elements.get(id)) viewer.get('canvas').addMarker(id, name)
}
