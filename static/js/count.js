// How much has been written, beside how much is asked for. Without this the limits stand in words.
//
// <textarea data-count data-fewest="20" data-most="500"> and, in the same form, an element
// [data-counted] whose data-short, data-fits and data-long are sentences with {n} (written) and {m}
// (asked for, or too many). Counted like the server does: characters, without the ends' blanks.

function setUp(field) {
  const shown = field.form.querySelector("[data-counted]");
  const { fewest, most } = field.dataset;

  function count() {
    const n = [...field.value.replaceAll("\r\n", "\n").trim()].length;
    const over = n - Number(most);
    const kind = over > 0 ? "long" : n < Number(fewest) ? "short" : "fits";
    const other = kind === "long" ? over : fewest;
    shown.textContent = shown.dataset[kind].replace("{n}", n).replace("{m}", other);
    shown.classList.toggle("neg", kind === "long");
    shown.hidden = false;
  }

  field.addEventListener("input", count);
  count();
}

document.querySelectorAll("textarea[data-count]").forEach(setUp);
