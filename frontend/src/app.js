import htmx from 'htmx.org'
import { charts } from './js/charts.js'
import { dialogs } from './js/dialogs.js'
import { doors } from './js/doors.js'
import { drafts } from './js/drafts.js'
import { files } from './js/files.js'
import { finders } from './js/finders.js'
import { lists } from './js/lists.js'
import { network } from './js/network.js'
import { panel } from './js/panel.js'
import { passkeys } from './js/passkeys.js'
import { picks } from './js/picks.js'
import { shortcuts } from './js/shortcuts.js'
import { sources } from './js/sources.js'
import { tabs } from './js/tabs.js'
import { theme } from './js/theme.js'
import { toasts } from './js/toasts.js'
import { warehouse } from './js/warehouse.js'

window.htmx = htmx
// Listeners sit on the document, so that what htmx brings later needs no set-up of its own.
for (const start of [theme, toasts, network, dialogs, shortcuts, panel, lists, passkeys, picks, files, finders, sources, tabs, drafts, doors, warehouse]) start(htmx)
htmx.onLoad((part) => charts(part))
