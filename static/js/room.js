// Pages of the sitting ask again by themselves; what somebody is choosing or typing is not swept away.

// Is there something half done in here? An open question, a word typed.
function busy(room) {
  if (room.querySelector("details[open][data-choice], details.confirm[open]")) return true;
  return [...room.querySelectorAll("input[type=text], input[type=date], textarea")].some((box) => box.value !== box.defaultValue);
}

document.addEventListener("htmx:beforeSwap", (event) => {
  const room = event.target.closest?.("[data-room]");
  const fresh = event.detail.xhr?.responseText ?? "";
  // Signed out meanwhile: the answer is another page. It is shown as one.
  if ((room || event.target.matches?.("[data-screen]")) && /<!doctype/i.test(fresh.slice(0, 40))) {
    event.detail.shouldSwap = false;
    location.reload();
    return;
  }
  // A choice is never taken away unless its own item is gone, which the server says by sending
  // another state; of the office's forms the page waits until they are sent or closed.
  if (room?.id === "floor" && busy(room)) event.detail.shouldSwap = false;
});

// Only one choice is open at a time, also where <details name> is not known.
document.addEventListener("toggle", (event) => {
  const one = event.target;
  if (!one.matches?.("[data-choice]") || !one.open) return;
  for (const other of one.parentElement.querySelectorAll("[data-choice][open]")) {
    if (other !== one) other.open = false;
  }
}, true);

// The projector fills the wall.
function offer() {
  const button = document.querySelector("[data-full]");
  if (button && document.fullscreenEnabled) button.hidden = Boolean(document.fullscreenElement);
}
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-full]")) document.documentElement.requestFullscreen();
});
document.addEventListener("fullscreenchange", offer);
document.addEventListener("htmx:afterSwap", offer);
offer();
