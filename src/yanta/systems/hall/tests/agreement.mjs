// Reads one case a line, `{items, given}`, and says what the browser's rules make of it.
import { createInterface } from 'node:readline'

globalThis.document = { body: { dataset: {} } }
const { answer, settled } = await import(process.argv[2])

for await (const line of createInterface({ input: process.stdin })) {
  const { items, given } = JSON.parse(line)
  const read = Object.fromEntries(items.map(({ name, kind, tree }) => [name, tree ? null : answer(kind, given[name])]))
  const found = settled(items, read)
  const calculated = Object.fromEntries(items.filter((one) => one.tree).map(({ name }) => [name, found.answers[name]]))
  console.log(JSON.stringify({ hidden: [...found.hidden].sort(), calculated }))
}
