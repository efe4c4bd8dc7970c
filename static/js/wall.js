// A slow turn through [data-slide] parts on a big screen; still for who prefers it still, on small screens, and under a hand.

const stage = document.querySelector("[data-turns]");
const slides = stage ? [...stage.querySelectorAll("[data-slide]")] : [];
const still = window.matchMedia("(prefers-reduced-motion: reduce), (max-width: 1023px), print");
let at = 0;
let held = false;

function show() {
  slides.forEach((slide, index) => (slide.hidden = !still.matches && index !== at));
}

if (slides.length > 1) {
  show();
  still.addEventListener("change", show);
  window.addEventListener("beforeprint", () => slides.forEach((slide) => (slide.hidden = false)));
  window.addEventListener("afterprint", show);
  for (const [event, state] of [["pointerenter", true], ["pointerleave", false], ["focusin", true], ["focusout", false]]) {
    stage.addEventListener(event, () => (held = state));
  }
  setInterval(() => {
    if (held || still.matches) return;
    at = (at + 1) % slides.length;
    show();
  }, Math.max(8, Number(stage.dataset.turns) || 20) * 1000);
}
