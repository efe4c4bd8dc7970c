// "/" goes to the search box, Escape leaves it.

const TYPING = "input, textarea, select, [contenteditable]";

document.addEventListener("keydown", (event) => {
  const box = document.querySelector(".search input");
  if (!box || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Escape" && event.target === box) box.blur();
  if (event.key !== "/" || event.target.closest?.(TYPING)) return;
  event.preventDefault();
  box.focus();
  box.select();
});
