// The wall on a screen: a slow turn through [data-slide] parts, and a look now and then whether there is something new.
// Nothing turns for who prefers it still, or under a hand; on small screens and on paper all parts stand below each other.

const stage = document.querySelector("[data-turns]");
const slides = stage ? [...stage.querySelectorAll("[data-slide]")] : [];
const turner = stage?.querySelector("[data-turner]");
const hold = stage?.querySelector("[data-hold]");
const small = window.matchMedia("(max-width: 1023px), print");
const calm = window.matchMedia("(prefers-reduced-motion: reduce)");
const LOOK_EVERY = 60;
let at = 0;
let touched = false;
let stopped = calm.matches;

function show() {
  const whole = small.matches || slides.length < 2;
  document.documentElement.classList.toggle("turning", Boolean(stage) && !small.matches);
  slides.forEach((slide, index) => (slide.hidden = !whole && index !== at));
  if (turner) turner.hidden = whole;
}

function turn(step) {
  at = (at + step + slides.length) % slides.length;
  show();
}

function stop(state) {
  stopped = state;
  if (!hold) return;
  hold.dataset.hold ||= hold.textContent;
  hold.textContent = stopped ? hold.dataset.resume : hold.dataset.hold;
}

// The page as the server has it now; a session that has ended, or a server that is away, leaves what is shown.
async function look() {
  try {
    const answer = await fetch(location.href, { redirect: "manual", headers: { "X-Requested-With": "fetch" } });
    if (!answer.ok) return;
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-turns]");
    if (fresh && fresh.dataset.edition !== stage.dataset.edition) location.reload();
  } catch {
    // Next time.
  }
}

if (stage) {
  show();
  stop(stopped);
  small.addEventListener("change", show);
  calm.addEventListener("change", () => stop(calm.matches));
  window.addEventListener("beforeprint", () => slides.forEach((slide) => (slide.hidden = false)));
  window.addEventListener("afterprint", show);
  for (const [event, state] of [["focusin", true], ["focusout", false]]) {
    turner?.addEventListener(event, () => (touched = state));
  }
  stage.addEventListener("click", (event) => {
    const button = event.target.closest("[data-turn]");
    if (button) turn(Number(button.dataset.turn));
    if (event.target.closest("[data-hold]")) stop(!stopped);
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "ArrowRight" || event.key === "PageDown") turn(1);
    if (event.key === "ArrowLeft" || event.key === "PageUp") turn(-1);
  });
  setInterval(() => {
    if (!stopped && !touched && !small.matches && slides.length > 1) turn(1);
  }, Math.max(8, Number(stage.dataset.turns) || 20) * 1000);
  if (stage.dataset.edition !== undefined) setInterval(look, LOOK_EVERY * 1000);
}
