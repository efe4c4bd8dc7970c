// Reviewing by keyboard. The markup decides what a key does: the element with data-key="j" is
// pressed, or entered if it is a place to write. Keys are 1–4 grade, j k next and previous,
// c comment, r return, enter grade and next, b accept all the rest.

const WRITTEN = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])";

function find(key) {
  return document.querySelector(`[data-key~="${CSS.escape(key)}"]:not(:disabled, [hidden])`);
}

function act(element) {
  if (element.matches(WRITTEN)) {
    element.closest("details")?.setAttribute("open", "");
    element.focus();
  } else if (element.matches("summary")) {
    element.parentElement.open = true;
    (element.parentElement.querySelector("textarea, input:not([type=hidden]), select, button") ?? element).focus();
  } else {
    element.click();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.repeat || event.altKey || event.metaKey || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  const writing = event.target.closest?.(WRITTEN);
  if (writing) {
    // Out of a comment: Escape back to the keys, Ctrl and Enter straight on.
    if (key === "escape") writing.blur();
    else if (key !== "enter" || !event.ctrlKey || writing.closest("details.confirm")) return;
  }
  if (event.ctrlKey && !(writing && key === "enter")) return;
  // Enter on a link or button is that link's own.
  if (key === "enter" && !writing && event.target.closest?.("a, button, summary")) return;
  const element = find(key);
  if (!element || (writing && key !== "enter")) return;
  event.preventDefault();
  act(element);
});

// The reader's place stays in sight where the list scrolls by itself; on a phone the text comes first.
const current = document.querySelector(".who[aria-current]");
const list = current?.closest(".list");
if (list && list.scrollHeight > list.clientHeight) current.scrollIntoView({ block: "nearest" });
