// <a href="#id" data-opens> opens the <dialog id="id">. Without scripts the address alone shows it (dialog:target).

document.addEventListener("click", (event) => {
  const opener = event.target.closest("a[data-opens]");
  const dialog = opener && document.querySelector(opener.hash);
  if (dialog?.showModal) {
    event.preventDefault();
    dialog.showModal();
  }
  if (event.target.closest("[data-closes]")) {
    event.preventDefault();
    event.target.closest("dialog")?.close();
  }
});

// The form's errors are read first.
document.querySelector("#form-errors")?.focus();
