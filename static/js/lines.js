// Lines of a report: add one, take one away, bring one from the tasks. Without this the form shows spare lines.
//
// <div data-lines> holds [data-line] elements and a <template data-line-template> whose names
// contain __i__; hidden [data-lines-total] counts them where a Django formset asks for it.
// [data-line-add] adds, with data-text and data-<field> values to fill in; [data-line-remove] takes its own away.
// [data-line-link] unfolds the list of tasks of its line, [data-line-task].

function setUp(box) {
  const form = box.closest("form");
  const template = box.querySelector("template[data-line-template]");
  const total = form.querySelector("[data-lines-total]");
  const count = () => box.querySelectorAll("[data-line]").length;
  let next = Number(total?.value ?? count());

  // Spare empty lines are for pages without scripts; here one button adds a line.
  for (const spare of box.querySelectorAll("[data-line-spare]")) spare.remove();
  form.querySelectorAll("[data-line-add], [data-line-remove], [data-picks]").forEach((button) => (button.hidden = false));
  box.querySelectorAll("[data-line]").forEach(fold);
  offer();
  form.addEventListener("draft:filled", () => {
    box.querySelectorAll("[data-line]").forEach(fold);
    offer();
  });

  // A line that names no task shows a small button in place of the list of tasks.
  function fold(line) {
    const list = line.querySelector("[data-line-task]");
    const button = line.querySelector("[data-line-link]");
    if (!list || !button) return;
    const named = Boolean(list.querySelector("select").value);
    list.hidden = !named;
    button.hidden = named;
  }

  // A task is picked once: what the lines name already is not offered again.
  function offer() {
    const named = new Set([...box.querySelectorAll("[data-field=task]")].map((list) => list.value));
    form.querySelectorAll("[data-line-add][data-task]").forEach((button) => {
      button.hidden = named.has(button.dataset.task);
    });
  }

  function add(values = {}, focus = true, index = next) {
    const piece = template.content.cloneNode(true);
    const line = piece.querySelector("[data-line]");
    for (const element of line.querySelectorAll("[name], [id], [for], [aria-label]")) {
      for (const attribute of ["name", "id", "for", "aria-label"]) {
        const value = element.getAttribute(attribute);
        if (value) element.setAttribute(attribute, value.replaceAll("__i__", index).replaceAll("__n__", index + 1));
      }
    }
    for (const [field, value] of Object.entries(values)) {
      const element = line.querySelector(`[data-field="${field}"]`);
      if (!element) continue;
      if ("value" in element) element.value = value;
      else element.textContent = value;
      if (value) element.closest("[hidden]")?.removeAttribute("hidden");
    }
    const last = [...box.querySelectorAll("[data-line]")].pop();
    if (last) last.after(line);
    else template.before(line);
    next = Math.max(next, index + 1);
    if (total) total.value = next;
    fold(line);
    if (focus) line.querySelector("textarea, input[type=text]")?.focus();
    return line;
  }

  function changed() {
    offer();
    form.querySelectorAll("[data-lines-done]").forEach((place) => {
      const ticks = [...box.querySelectorAll("[data-line]:not([hidden]) input[type=checkbox][data-field=done]")];
      place.textContent = ticks.filter((tick) => tick.checked).length;
    });
    form.dispatchEvent(new CustomEvent("lines:changed"));
  }

  function remove(line) {
    // A formset row keeps its place and is marked; any other row simply goes.
    const mark = line.querySelector("[data-field=delete]");
    if (mark) {
      mark.value = "on";
      if (mark.type === "checkbox") mark.checked = true;
      line.hidden = true;
    } else {
      line.remove();
    }
    (form.querySelector("[data-line-add]") ?? form).focus?.();
    changed();
  }

  form.addEventListener("click", (event) => {
    const adder = event.target.closest("[data-line-add]");
    const remover = event.target.closest("[data-line-remove]");
    const linker = event.target.closest("[data-line-link]");
    if (adder) {
      event.preventDefault();
      const { lineAdd, ...values } = adder.dataset;
      add(values);
      changed();
    } else if (remover) {
      event.preventDefault();
      remove(remover.closest("[data-line]"));
    } else if (linker) {
      event.preventDefault();
      const list = linker.closest("[data-line]").querySelector("[data-line-task]");
      list.hidden = false;
      linker.hidden = true;
      list.querySelector("select").focus();
    }
  });
  box.addEventListener("change", changed);
  // Enter in a line begins the next one, as on paper; never while an input method is composing.
  box.addEventListener("keydown", (event) => {
    const typing = event.target.matches("[data-field=text]");
    if (!typing || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    add();
    changed();
  });
  // Text found again may have more lines than the page: make their places, then draft.js fills them.
  const pattern = template.content.querySelector("[data-field=text]")?.getAttribute("name") ?? "";
  form.addEventListener("draft:fill", (event) => {
    const has = (name) => form.querySelectorAll(`[name="${CSS.escape(name)}"]`).length;
    const [before, after] = pattern.split("__i__");
    if (after === undefined) {
      const wanted = event.detail.filter(([name]) => name === pattern).length;
      while (has(pattern) < wanted) add({}, false);
      return;
    }
    for (const [name, value] of event.detail) {
      if (!value || !name.startsWith(before) || !name.endsWith(after) || has(name)) continue;
      const index = Number(name.slice(before.length, name.length - after.length));
      if (Number.isInteger(index) && index < 200) add({}, false, index);
    }
  });
}

document.querySelectorAll("[data-lines]").forEach(setUp);
