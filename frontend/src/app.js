import htmx from 'htmx.org'
import { charts } from './js/charts.js'
import { diagrams } from './js/diagrams.js'
import { dialogs } from './js/dialogs.js'
import { doors } from './js/doors.js'
import { drafts } from './js/drafts.js'
import { files } from './js/files.js'
import { finders } from './js/finders.js'
import { hall } from './js/hall.js'
import { lists } from './js/lists.js'
import { network } from './js/network.js'
import { panel } from './js/panel.js'
import { passkeys } from './js/passkeys.js'
import { phrases } from './js/phrases.js'
import { picks } from './js/picks.js'
import { printing } from './js/printing.js'
import { pushes } from './js/push-subscribe.js'
import { selection } from './js/selection.js'
import { shortcuts } from './js/shortcuts.js'
import { sources } from './js/sources.js'
import { tabs } from './js/tabs.js'
import { theme } from './js/theme.js'
import { timetable } from './js/timetable.js'
import { toasts } from './js/toasts.js'
import { warehouse } from './js/warehouse.js'

window.htmx = htmx
// Listeners sit on the document, so that what htmx brings later needs no set-up of its own.
for (const start of [theme, timetable, toasts, network, dialogs, shortcuts, panel, lists, passkeys, picks, files, finders, sources, tabs, drafts, doors, printing, pushes, warehouse, phrases, hall, selection]) start(htmx)
htmx.onLoad((part) => charts(part))
htmx.onLoad((part) => diagrams(part))
