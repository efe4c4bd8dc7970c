// A table decided by keyboard, many rows at once: j k move, space picks, 1 passes, 2 and 3 ask for
// a reason, enter fetches the document, o opens the line. Without a choice the present row is meant.

const WRITTEN = "textarea, select, [contenteditable], input:not([type=radio], [type=checkbox], [type=button], [type=submit])";

const form = document.querySelector("form[data-batch]");

function start(table) {
  const rows = [...table.querySelectorAll("[data-row]")];
  const box = (row) => row.querySelector("input[name=pick]");
  const boxes = rows.map(box).filter(Boolean);
  const reasons = [...table.querySelectorAll("[data-batch-reason]")];
  let at = -1;

  function go(to, { focus = true } = {}) {
    const row = rows[Math.max(0, Math.min(to, rows.length - 1))];
    rows[at]?.removeAttribute("aria-current");
    at = rows.indexOf(row);
    row.setAttribute("aria-current", "true");
    if (!focus) return;
    (box(row) ?? row.querySelector("[data-open]")).focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  function settle() {
    for (const group of table.querySelectorAll("[data-batch-group]")) {
      const mine = [...group.closest("tbody").querySelectorAll("input[name=pick]")];
      const picked = mine.filter((one) => one.checked).length;
      const all = group.querySelector("input");
      all.checked = picked === mine.length;
      all.indeterminate = picked > 0 && picked < mine.length;
    }
  }

  // What an act is about: the picked rows, or the present one.
  function chosen() {
    if (!boxes.some((one) => one.checked) && rows[at] && box(rows[at])) box(rows[at]).checked = true;
    settle();
    return boxes.some((one) => one.checked);
  }

  function ask(details) {
    for (const other of reasons) other.open = other === details;
    details.querySelector("textarea").focus();
  }

  const keys = {
    j: () => go(at + 1),
    k: () => go(at - 1),
    " ": () => {
      if (rows[at] && box(rows[at])) box(rows[at]).click();
    },
    1: () => chosen() && table.querySelector("[data-batch-key='1']")?.click(),
    2: () => chosen() && ask(table.querySelector("[data-batch-reason='2']")),
    3: () => chosen() && ask(table.querySelector("[data-batch-reason='3']")),
    a: () => table.querySelector("[data-batch-all]")?.click(),
    enter: () => (rows[at]?.querySelector("[data-proof]") ?? rows[at]?.querySelector("[data-open]"))?.click(),
    o: () => rows[at]?.querySelector("[data-open]")?.click(),
  };

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.repeat || event.altKey || event.metaKey) return;
    const key = event.key.toLowerCase();
    const writing = event.target.closest?.(WRITTEN);
    if (writing) {
      const details = writing.closest("[data-batch-reason]");
      if (key === "escape" && details) {
        details.open = false;
        go(Math.max(0, at));
      } else if (key === "enter" && event.ctrlKey && details) {
        event.preventDefault();
        details.querySelector("button").click();
      }
      return;
    }
    if (event.ctrlKey) return;
    // A link, a button and a ticked box keep the keys that are their own.
    if (key === "enter" && event.target.closest?.("a, button, summary")) return;
    if (key === " " && event.target.closest?.("a, button, summary, input")) return;
    if (!(key in keys)) return;
    event.preventDefault();
    keys[key]();
  });

  table.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row]");
    if (row && rows[at] !== row) go(rows.indexOf(row), { focus: false });
  });
  table.addEventListener("change", (event) => {
    const group = event.target.closest("[data-batch-group]");
    if (group) {
      for (const one of group.closest("tbody").querySelectorAll("input[name=pick]")) one.checked = event.target.checked;
    }
    settle();
  });
  table.querySelector("[data-batch-all]")?.addEventListener("click", () => {
    const all = boxes.every((one) => one.checked);
    for (const one of boxes) one.checked = !all;
    settle();
  });
  table.addEventListener("submit", () => {
    // Rows that are decided leave: the next one stands where the first of them stood.
    const first = rows.findIndex((row) => box(row)?.checked);
    table.querySelector("[data-batch-at]").value = Math.max(0, first);
  });
  for (const hidden of table.querySelectorAll("[data-batch-group], [data-batch-all]")) hidden.hidden = false;
  settle();
  // The first line there is something to decide on, or where the reader was.
  go(Number(table.dataset.at ?? Math.max(0, rows.findIndex(box))), { focus: "at" in table.dataset });
}

if (form) start(form);
