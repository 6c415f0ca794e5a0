// Lines over days: the day under the pointer, or chosen with the arrow keys, is told in figures. Draws no line itself.
"use strict";

function told(figure) {
  const svg = figure.querySelector("svg"), value = figure.querySelector("strong"), middle = figure.querySelectorAll(".axis span")[1];
  const dots = JSON.parse(svg.dataset.dots), days = JSON.parse(svg.dataset.told);
  const usual = [value.textContent, middle.textContent];
  let at = days.length - 1;

  const show = (n) => {
    at = Math.max(0, Math.min(days.length - 1, n));
    const [x, y] = dots[at];
    figure.classList.add("told");
    svg.querySelector(".mark").setAttribute("d", `M${x} ${y}h0`);
    svg.querySelector(".rule").setAttribute("x1", x);
    svg.querySelector(".rule").setAttribute("x2", x);
    [middle.textContent, value.textContent] = days[at];
    svg.setAttribute("aria-valuenow", at + 1);
    svg.setAttribute("aria-valuetext", days[at].join(": "));
  };
  const hide = () => {
    figure.classList.remove("told");
    svg.querySelector(".mark").setAttribute("d", "");
    [value.textContent, middle.textContent] = usual;
  };

  // With the script the picture is something to move along; without it, it stays a picture with its table.
  for (const [name, text] of Object.entries({
    role: "slider", tabindex: "0", "aria-valuemin": "1", "aria-valuemax": days.length, "aria-valuenow": days.length,
    "aria-valuetext": days[at].join(": "),
  })) svg.setAttribute(name, text);
  svg.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect(), x = (600 * (event.clientX - box.left)) / box.width;
    show(dots.reduce((best, dot, n) => (Math.abs(dot[0] - x) < Math.abs(dots[best][0] - x) ? n : best), 0));
  });
  svg.addEventListener("pointerleave", hide);
  svg.addEventListener("focus", () => { if (svg.matches(":focus-visible")) show(at); });
  svg.addEventListener("blur", hide);
  svg.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: at - 1, ArrowDown: at - 1, ArrowRight: at + 1, ArrowUp: at + 1, Home: 0, End: days.length - 1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    show(step);
  });
}

document.querySelectorAll("figure.chart").forEach(told);
