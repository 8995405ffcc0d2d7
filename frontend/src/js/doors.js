// A form that only carries somebody on to an application is sent at once; its button is for browsers without script.
export function doors() {
  document.querySelector('form[data-send-now]')?.submit()
}
