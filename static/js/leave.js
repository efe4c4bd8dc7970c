// Unsent text never outlives its author's session: it goes at sign-out, and where somebody else signs in.

const PREFIX = "draft:";

function forget(unless) {
  for (const key of Object.keys(sessionStorage)) {
    if (key.startsWith(PREFIX) && !(unless && key.startsWith(unless))) sessionStorage.removeItem(key);
  }
}

document.addEventListener("submit", (event) => {
  if ("signOut" in event.target.dataset) forget();
});

// The sign-in page has no person and keeps the text: an expired session must not cost it.
const person = document.body.dataset.person;
if (person) forget(`${PREFIX}${person}:`);
