import { resolve } from 'node:path'
import { defineConfig } from 'vite'
import { icons, trim } from './build/styles.js'

const here = import.meta.dirname

export default defineConfig({
  root: here,
  base: '/static/yanta/',
  publicDir: resolve(here, 'public'),
  css: { postcss: { plugins: [icons(), trim()] } },
  build: {
    outDir: resolve(here, '../src/yanta/kernel/portal/static/yanta'),
    emptyOutDir: true,
    manifest: 'manifest.json',
    assetsDir: 'a',
    chunkSizeWarningLimit: 900,
    rollupOptions: {
      input: { app: resolve(here, 'src/app.js'), style: resolve(here, 'src/style.css') },
    },
  },
})
