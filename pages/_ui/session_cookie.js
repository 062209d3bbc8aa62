// Fetches the cookie of a session that has just begun, or gives that of an ended one back, and loads
// the page anew, so that nothing that was drawn or remembered before is left in the browser.
//
// data: {path, ticket} with a ticket to come in, {path, ticket: null} to leave, or {path: null} to
// load the page anew, once, for the browser's own cookie: it comes with a page, once the server is up.
// Triggers "unanswered" where our route cannot be reached or gives no cookie.

const LOADED = "crm_loaded_for_cookie"
const asked = new Set()

function loadOnce() {
  try {
    if (sessionStorage.getItem(LOADED)) return
    sessionStorage.setItem(LOADED, "1")
  } catch {
    return // this browser keeps nothing for us, so a load would not be the last
  }
  window.location.reload()
}

export default function (component) {
  const { data, setTriggerValue } = component
  if (data.path === null) {
    loadOnce()
    return
  }
  const entering = data.ticket !== null
  if (asked.has(data.ticket)) return
  asked.add(data.ticket)
  fetch(data.path, {
    method: entering ? "POST" : "DELETE",
    headers: { "X-CRM": "1", "Content-Type": "application/json" },
    body: entering ? JSON.stringify({ ticket: data.ticket }) : "{}",
    credentials: "same-origin",
    cache: "no-store",
    redirect: "error",
  })
    .then(async (reply) => {
      const said = await reply.json()
      return reply.ok && said.signed_in === entering
    })
    .catch(() => false)
    .then((done) => {
      if (done || !entering) window.location.reload()
      else setTriggerValue("unanswered", true)
    })
}
