import { BarChart, LineChart, PieChart } from 'echarts/charts'
import { AriaComponent, GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components'
import { init, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'

use([LineChart, BarChart, PieChart, GridComponent, TooltipComponent, LegendComponent, MarkLineComponent, AriaComponent, SVGRenderer])

const drawn = new Map()

function tokens() {
  // Computed colours: a probe resolves light-dark(), which getPropertyValue would hand out as it is written.
  const probe = document.createElement('i')
  document.body.append(probe)
  const read = (name) => {
    probe.style.color = `var(--${name})`
    return getComputedStyle(probe).color
  }
  const found = {
    palette: [1, 2, 3, 4, 5].map((n) => read(`chart-${n}`)), text: read('text-2'), quiet: read('text-3'), line: read('line'),
    surface: read('raised'), strong: read('text'), font: getComputedStyle(document.body).fontFamily,
  }
  probe.remove()
  return found
}

/** What was agreed upon, as a line that says its figure. */
function targetLine(data, t) {
  if (data.target == null) return undefined
  const at = data.across ? { xAxis: data.target } : { yAxis: data.target }
  return { silent: true, symbol: 'none', data: [at], lineStyle: { color: t.quiet, type: 'dashed' }, label: { formatter: `目标 ${data.target}`, color: t.quiet, position: data.across ? 'start' : 'insideStartTop' } }
}

function axes(data, t) {
  const named = { type: 'category', data: data.labels, inverse: Boolean(data.across), axisTick: { show: false }, axisLine: { lineStyle: { color: t.line } }, axisLabel: { color: t.quiet, interval: data.across ? 0 : 'auto' } }
  const valued = { type: 'value', scale: data.type === 'line', splitNumber: 3, axisLabel: { color: t.quiet, hideOverlap: true }, splitLine: { lineStyle: { color: t.line } } }
  if (data.target != null && !data.across) Object.assign(valued, { min: ({ min }) => Math.floor(Math.min(min, data.target)), max: ({ max }) => Math.ceil(Math.max(max, data.target)) })
  return data.across ? { xAxis: valued, yAxis: named } : { xAxis: named, yAxis: valued }
}

function series(data, t) {
  if (data.type === 'pie') {
    const values = data.labels.map((name, at) => ({ name, value: data.series[0].values[at] }))
    return [{ type: 'pie', radius: ['52%', '78%'], data: values, itemStyle: { borderColor: t.surface, borderWidth: 2 }, label: { color: t.text, formatter: '{b} {d}%' } }]
  }
  const wide = data.type === 'line'
  const many = data.series.length > 1
  return data.series.slice(0, 5).map((one) => ({
    name: one.name, type: wide ? 'line' : 'bar', data: one.values, stack: data.type === 'stack' ? 'all' : undefined, symbol: 'circle', symbolSize: 6,
    showSymbol: data.labels.length === 1, lineStyle: { width: 2 }, barMaxWidth: 28, itemStyle: { borderRadius: wide || data.type === 'stack' ? 0 : [3, 3, 0, 0] },
    endLabel: wide ? { show: true, color: 'inherit', formatter: many ? '{a} {c}' : '{c}', distance: 6 } : undefined,
    label: !wide && !many ? { show: true, position: data.across ? 'right' : 'top', color: t.text } : undefined,
    markLine: targetLine(data, t),
  })).map((one, at) => (at || !data.mark ? one : { ...one, data: one.data.map((value, place) => (data.labels[place] === data.mark ? { value, itemStyle: { color: t.palette[1] } } : value)) }))
}

function option(data, t) {
  const round = data.type === 'pie'
  const room = data.type === 'line' ? Math.max(...data.series.map((one) => one.name.length * 13 + 44)) : 12
  return {
    color: t.palette, animationDuration: matchMedia('(prefers-reduced-motion: reduce)').matches ? 0 : 400,
    textStyle: { fontFamily: t.font, color: t.text }, aria: { enabled: true },
    tooltip: { trigger: round ? 'item' : 'axis', backgroundColor: t.surface, borderColor: t.line, textStyle: { color: t.strong }, valueFormatter: (value) => `${Number(value).toLocaleString()}${data.unit ? ` ${data.unit}` : ''}` },
    legend: data.series.length > 1 && data.type !== 'line' ? { bottom: 0, icon: 'roundRect', itemWidth: 10, itemHeight: 10, textStyle: { color: t.text } } : undefined,
    grid: { left: 4, right: data.across ? 56 : data.series.length > 1 || data.type === 'line' ? room : 12, top: 22, bottom: data.series.length > 1 && data.type !== 'line' ? 30 : 4, containLabel: true },
    ...(round ? {} : axes(data, t)),
    series: series(data, t),
  }
}

const LETTER = 13
const ROW = 30

/** Whether names would have to be left out beneath upright bars; days, years and periods are understood with gaps. */
function isCrowded(data, width) {
  const upright = ['bar', 'stack'].includes(data.type) && !data.across
  const named = !data.labels.some((label) => /\d/.test(label))
  return upright && named && data.labels.length * (Math.max(...data.labels.map((label) => label.length)) * LETTER + LETTER) > width
}

/** Bars whose names need room lie down, one to a line. */
function laidOut(box) {
  const data = JSON.parse(box.dataset.chart)
  if (!isCrowded(data, box.clientWidth)) return data
  box.style.height = `${data.labels.length * ROW + 60}px`
  return { ...data, across: true }
}

export function draw(box) {
  const data = laidOut(box)
  const chart = drawn.get(box) ?? init(box, null, { renderer: 'svg' })
  drawn.set(box, chart)
  box.dataset.drawn = '1'
  chart.setOption(option(data, tokens()), true)
}

addEventListener('resize', () => { for (const chart of drawn.values()) chart.resize() })
const redraw = () => { for (const box of drawn.keys()) draw(box) }
document.addEventListener('yanta:theme', redraw)
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', redraw)
