// The branch's sheet by keyboard: 1, 2, 3 choose the word of the row the focus is in, and Enter in a
// field of points goes on to the next one instead of sending the whole sheet half filled.
const sheet = document.querySelector(".balloting");

sheet?.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  const at = event.target;
  if (event.key === "Enter" && (at.matches(".mark-box input") || at.matches(".remark"))) {
    event.preventDefault();
    const fields = [...sheet.querySelectorAll(".mark-box input, .votes input:checked, .votes:not(:has(:checked)) label:first-of-type input")];
    const row = at.closest("li");
    const next = fields.find((one) => row.compareDocumentPosition(one) & Node.DOCUMENT_POSITION_FOLLOWING && !row.contains(one));
    (next ?? sheet.querySelector("button[type=submit]")).focus();
  } else if (at.matches(".votes input") && "123".includes(event.key)) {
    const choice = at.closest(".votes").querySelectorAll("input")[Number(event.key) - 1];
    if (!choice) return;
    event.preventDefault();
    choice.checked = true;
    choice.focus();
  }
});
