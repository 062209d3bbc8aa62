// Tells when the window that the sign-in button opens cannot open, or is closed without an answer:
// the button, which is another's and stands in a frame of its own, keeps silent then.
//
// It also lets the button look like the page's other ones: its frame is of our own origin.
//
// Triggers "ended" with "blocked" or "closed".

const LOOK_MS = 100
const ANSWER_MS = 2000
const watched = new WeakSet()

const isBack = (popUp) => {
  try {
    return popUp.location.origin === location.origin
  } catch {
    return false // it is the issuer's still, or closed
  }
}

export default function (component) {
  const { data, parentElement, setTriggerValue } = component
  let answered = false
  let looking
  const heard = (event) => {
    if (event.source === frame()?.contentWindow && event.data?.type === "streamlit:setComponentValue")
      answered = true
  }
  const frame = () => document.querySelector(`.st-key-${data.button} iframe`)
  const watch = (popUp, opener) => {
    if (popUp === null) {
      setTriggerValue("ended", "blocked")
      return
    }
    clearInterval(looking)
    looking = setInterval(() => {
      // Nobody hears what came back to a window whose button is gone.
      if (!opener?.isConnected && isBack(popUp)) popUp.close()
      if (!popUp.closed) return
      clearInterval(looking)
      setTimeout(() => answered || setTriggerValue("ended", "closed"), ANSWER_MS)
    }, LOOK_MS)
  }
  const dress = (button) => {
    const theme = getComputedStyle(parentElement.host ?? parentElement)
    const read = (name) => theme.getPropertyValue(`--st-${name}`)
    Object.assign(button.style, {
      backgroundColor: read("background-color"),
      boxSizing: "border-box",
      border: `1px solid ${read("border-color")}`,
      borderRadius: read("button-radius"),
      color: read("text-color"),
    })
    button.querySelectorAll("*").forEach((part) => {
      Object.assign(part.style, {
        fontFamily: read("font"),
        fontSize: "15px",
        fontWeight: "600",
      })
    })
  }
  const hold = () => {
    const inner = frame()?.contentWindow
    inner?.document.querySelectorAll("button").forEach(dress)
    if (!inner || watched.has(inner.document)) return
    watched.add(inner.document)
    const open = inner.open
    inner.open = (...how) => {
      const popUp = open.apply(inner, how)
      watch(popUp, inner.frameElement)
      return popUp
    }
  }
  window.addEventListener("message", heard)
  const holding = setInterval(hold, LOOK_MS)
  return () => {
    window.removeEventListener("message", heard)
    clearInterval(holding)
    clearInterval(looking)
  }
}
