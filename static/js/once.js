// A form is sent once, however often it is pressed. The server's key is the guarantee; this is courtesy.
// Forms that may be sent again at will (downloads, filters) carry data-many or use GET.

function buttons(form) {
  return [...form.elements].filter((element) => element.type === "submit");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || "many" in form.dataset) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  // After this turn of the loop: a button disabled at once would not send its name and value.
  setTimeout(() => {
    if (event.defaultPrevented) return;
    form.dataset.sent = "yes";
    for (const button of buttons(form)) {
      if (button.disabled) continue;
      button.disabled = true;
      button.setAttribute("aria-busy", "true");
    }
  });
});

function release(form) {
  delete form.dataset.sent;
  for (const button of buttons(form)) {
    if (button.getAttribute("aria-busy") !== "true") continue;
    button.disabled = false;
    button.removeAttribute("aria-busy");
  }
}

// Coming back by the browser's own button finds the form usable again.
window.addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(release));
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest?.("form[data-sent]");
  if (form) release(form);
});
