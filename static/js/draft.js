// Keeps a form's text: in this tab until the server has it, and on the server after every pause.
//
// <form data-draft-url="…" data-draft-key="7:2026-07-10" data-draft-at="2026-07-10T17:42:00+08:00">
// data-draft-key begins with the person, so that leave.js can tell whose text it is; data-draft-at
// is when the server last saved, empty if never. The words stand in components/_draft_state.html.
// A page with data-draft-done="key" anywhere says the text has been filed and may be forgotten.

const PAUSE = 800;
const RETRY = 15000;
const SKIPPED = ["csrfmiddlewaretoken", "idem", "seen"];

const storage = {
  read: (key) => {
    try {
      return JSON.parse(sessionStorage.getItem(`draft:${key}`));
    } catch {
      return null;
    }
  },
  write: (key, value) => {
    try {
      sessionStorage.setItem(`draft:${key}`, JSON.stringify(value));
    } catch {
      // A full or forbidden store costs the safety net, not the page.
    }
  },
  forget: (key) => sessionStorage.removeItem(`draft:${key}`),
};

function entriesOf(form) {
  return [...new FormData(form)].filter(([name, value]) => !SKIPPED.includes(name) && typeof value === "string");
}

function fill(form, entries) {
  form.dispatchEvent(new CustomEvent("draft:fill", { detail: entries }));
  const values = new Map();
  for (const [name, value] of entries) values.set(name, [...(values.get(name) ?? []), value]);
  for (const element of form.elements) {
    if (!element.name || SKIPPED.includes(element.name) || element.type === "file") continue;
    const left = values.get(element.name) ?? [];
    if (element.type === "checkbox" || element.type === "radio") {
      element.checked = left.includes(element.value);
    } else if (element.type !== "submit" && left.length) {
      element.value = left.shift();
    }
  }
  form.dispatchEvent(new CustomEvent("draft:filled"));
}

function keep(form) {
  const { draftUrl: url, draftKey: key } = form.dataset;
  const line = form.querySelector("[data-draft-state]") ?? document.querySelector("[data-draft-state]");
  let timer = null;
  let sending = false;
  let again = false;
  let leaving = false;

  function say(word, kind = "", time = "") {
    if (!line) return;
    line.dataset.kind = kind;
    line.textContent = (line.dataset[word] ?? "").replace("{time}", time);
  }

  async function send(keepalive = false) {
    if (leaving) return;
    if (sending) {
      again = true;
      return;
    }
    sending = true;
    clearTimeout(timer);
    const body = new FormData(form);
    body.delete("idem");
    // What was saved elsewhere since then is not to be overwritten: the server compares.
    body.set("base", form.dataset.draftAt ?? "");
    const sent = JSON.stringify(entriesOf(form));
    if (!keepalive) say("saving");
    try {
      const answer = await fetch(url, {
        method: "POST",
        body: new URLSearchParams([...body].filter(([, value]) => typeof value === "string")),
        headers: { "X-Requested-With": "fetch" },
        redirect: "manual",
        keepalive,
      });
      if (answer.type === "opaqueredirect" || answer.status === 401) {
        say("signedOut", "bad");
        timer = setTimeout(send, RETRY);
      } else if (answer.ok) {
        const time = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false });
        const told = answer.headers.get("content-type")?.includes("json") ? await answer.json() : {};
        form.dataset.draftAt = told.at ?? new Date().toISOString();
        say("saved", "", told.time ?? time);
        if (JSON.stringify(entriesOf(form)) === sent) storage.forget(key);
      } else {
        say("refused", "bad");
      }
    } catch {
      say("kept", "warn");
      timer = setTimeout(send, RETRY);
    } finally {
      sending = false;
      if (again) {
        again = false;
        schedule();
      }
    }
  }

  function schedule() {
    clearTimeout(timer);
    timer = setTimeout(send, PAUSE);
  }

  function note() {
    storage.write(key, { at: new Date().toISOString(), base: form.dataset.draftAt ?? "", entries: entriesOf(form) });
    schedule();
  }

  function offer(left) {
    say("other", "warn");
    const button = document.createElement("button");
    button.type = "button";
    button.className = "link-btn";
    button.textContent = line?.dataset.use ?? "";
    button.addEventListener("click", () => {
      fill(form, left.entries);
      note();
    });
    line?.append(" ", button);
  }

  const left = storage.read(key);
  if (left && JSON.stringify(left.entries) !== JSON.stringify(entriesOf(form))) {
    const server = form.dataset.draftAt ?? "";
    if (left.base === server || Date.parse(left.at) > Date.parse(server)) {
      fill(form, left.entries);
      say("restored", "warn");
      schedule();
    } else {
      offer(left);
    }
  }

  form.addEventListener("input", note);
  form.addEventListener("change", note);
  form.addEventListener("lines:changed", note);
  form.addEventListener("submit", () => {
    // The text stays in this tab until the filed page says it has arrived.
    storage.write(key, { at: new Date().toISOString(), base: form.dataset.draftAt ?? "", entries: entriesOf(form) });
    leaving = true;
    clearTimeout(timer);
  });
  window.addEventListener("pageshow", () => {
    leaving = false;
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && storage.read(key)) send(true);
  });
}

document.querySelectorAll("[data-draft-done]").forEach((element) => storage.forget(element.dataset.draftDone));
document.querySelectorAll("form[data-draft-url]").forEach(keep);
