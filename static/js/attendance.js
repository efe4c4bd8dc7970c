// Taking attendance by keyboard: type a name, initials or a number, Enter ticks the first found.
// Without this script the boxes stand there to be ticked.

const form = document.querySelector("[data-roll]");
const find = form?.querySelector("[data-roll-find]");
const said = form?.querySelector("[data-roll-said]");
const count = form?.querySelector("[data-roll-count]");
const people = [...(form?.querySelectorAll("[data-find]") ?? [])];

function narrow() {
  const asked = find.value.trim().toLowerCase();
  for (const one of people) {
    one.hidden = asked !== "" && !one.dataset.find.includes(asked);
  }
  for (const group of form.querySelectorAll("fieldset")) {
    group.hidden = !group.querySelector("[data-find]:not([hidden])");
  }
}

function recount() {
  count.textContent = form.querySelectorAll("[name=missed]:checked").length;
}

if (form) {
  form.querySelector("[data-roll-tools]").hidden = false;
  find.addEventListener("input", narrow);
  find.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      find.value = "";
      narrow();
    }
    if (event.key !== "Enter" || event.isComposing) return;
    // The form is sent by its button, never by a search.
    event.preventDefault();
    const box = people.find((one) => !one.hidden && !one.querySelector("input").disabled)?.querySelector("input");
    if (!find.value.trim() || !box) return;
    box.checked = !box.checked;
    const name = box.closest("[data-find]").querySelector("b").textContent;
    said.textContent = `${name}　${box.checked ? said.dataset.missed : said.dataset.present}`;
    find.value = "";
    narrow();
    recount();
  });
  form.addEventListener("change", recount);
  find.focus();
}
