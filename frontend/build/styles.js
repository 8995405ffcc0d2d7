// Only what the product uses reaches the browser: of Tabler the rules whose classes occur in our sources,
// of its five thousand icons those that are named there.
import { readdirSync, readFileSync } from 'node:fs'
import { extname, join, resolve } from 'node:path'

const here = import.meta.dirname
const ICONS = resolve(here, '../node_modules/@tabler/icons/icons')
const SOURCES = [resolve(here, '../../src/yanta'), resolve(here, '../src')]
const READ = new Set(['.html', '.py', '.js'])

function* sources(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (entry.name === 'static' || entry.name === '__pycache__') continue
    const path = join(folder, entry.name)
    if (entry.isDirectory()) yield* sources(path)
    else if (READ.has(extname(entry.name))) yield readFileSync(path, 'utf8')
  }
}

function words() {
  const found = new Set()
  for (const folder of SOURCES) for (const text of sources(folder)) for (const word of text.match(/[\w-]+/g) ?? []) found.add(word)
  return found
}

/** Icons named in templates as `ti-name`, in Python and in macros' arguments as `icon="name"`. */
function iconNames() {
  const found = new Set()
  for (const folder of SOURCES) {
    for (const text of sources(folder)) {
      for (const match of text.matchAll(/\bti-([a-z0-9-]+)/g)) found.add(match[1])
      for (const match of text.matchAll(/\bicon\s*[=:]\s*["']([a-z0-9-]+)["']/g)) found.add(match[1])
      for (const match of text.matchAll(/\bcard\([^,()]*,\s*["']([a-z0-9-]+)["']/g)) found.add(match[1])
      for (const match of text.matchAll(/\(["']([a-z0-9-]+)["'],/g)) found.add(match[1])
    }
  }
  for (const name of readFileSync(join(here, 'icons.txt'), 'utf8').split(/\s+/)) if (name) found.add(name)
  return [...found].sort()
}

function drawing(name) {
  try {
    const [folder, file] = name.endsWith('-filled') ? ['filled', name.slice(0, -7)] : ['outline', name]
    return readFileSync(join(ICONS, folder, `${file}.svg`), 'utf8')
      .replace(/<!--[\s\S]*?-->/g, '')
      .replace(/\sclass="[^"]*"/, '')
      .replace(/<path stroke="none" d="M0 0h24v24H0z" fill="none"\s*\/>/, '')
      .replace('stroke-width="2"', 'stroke-width="1.75"')
      .replace(/\s+/g, ' ')
      .replace(/> </g, '><')
      .trim()
  } catch {
    return null
  }
}

/** Replaces `@icons;` by one small rule for each icon. */
export function icons() {
  return {
    postcssPlugin: 'yanta-icons',
    AtRule: {
      icons(rule, { Rule, Declaration }) {
        for (const name of iconNames()) {
          const svg = drawing(name)
          if (!svg) continue
          const value = `url("data:image/svg+xml,${svg.replace(/"/g, "'").replace(/[#<>%]/g, encodeURIComponent)}")`
          const one = new Rule({ selector: `.ti-${name}` })
          one.append(new Declaration({ prop: '--i', value }))
          rule.before(one)
        }
        rule.remove()
      },
    },
  }
}

/** Drops from the `tabler` layer every selector with a class that no source mentions. */
export function trim() {
  return {
    postcssPlugin: 'yanta-trim',
    OnceExit(root) {
      const used = words()
      root.walkAtRules('layer', (layer) => {
        if (layer.params !== 'tabler' || !layer.nodes) return
        layer.walkRules((rule) => {
          if (rule.parent.name?.endsWith('keyframes')) return
          const kept = rule.selectors.filter((one) => (one.match(/\.(-?[_a-zA-Z][\w-]*)/g) ?? []).every((name) => used.has(name.slice(1))))
          if (kept.length === 0) rule.remove()
          else if (kept.length < rule.selectors.length) rule.selectors = kept
        })
        layer.walkAtRules((rule) => { if (rule.nodes?.length === 0) rule.remove() })
      })
    },
  }
}
