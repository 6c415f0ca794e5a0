// The telephone of a flow: sounds, keys, waiting; and the way of the call on the graph. All decisions are the server's.
"use strict";

document.documentElement.classList.add("scripted");
let sound = null;
let timers = [];
let looked = null;

const phone = () => document.getElementById("phone");
const graph = () => document.getElementById("graph");
const boxOf = (name) => graph()?.querySelector(`.box[data-node="${CSS.escape(name)}"]`);
const live = () => phone()?.dataset.call && phone().dataset.kind !== "end";

function mark(names, style) {
  graph()?.querySelectorAll(`.${style}`).forEach((one) => one.classList.remove(style));
  names.forEach((name, n) => {
    boxOf(name)?.classList.add(style);
    const from = n ? names[n - 1] : "·answered";
    graph()?.querySelectorAll(`.curves path[data-from="${CSS.escape(from)}"][data-to="${CSS.escape(name)}"]`).forEach((one) => one.classList.add(style));
  });
}

function bringIntoView(box) {
  const pane = document.getElementById("graph-scroll");
  if (!box || !pane) return;
  const [inner, outer] = [box.getBoundingClientRect(), pane.getBoundingClientRect()];
  pane.scrollBy(inner.left + inner.width / 2 - outer.left - outer.width / 2, inner.top + inner.height / 2 - outer.top - outer.height / 2);
}

function quiet() {
  timers.forEach(clearTimeout);
  timers.forEach(clearInterval);
  timers = [];
  sound?.pause();
  sound = null;
}

// One utterance after the other; what cannot be heard takes the time that its words take.
async function speak(box) {
  const turn = box.dataset.turn;
  for (let n = 0; n < Number(box.dataset.sounds); n++) {
    if (phone() !== box) return false;
    const heard = await new Promise((done) => {
      sound = new Audio(`/flows/calls/${box.dataset.call}/${turn}/${n}.wav`);
      sound.onended = () => done(true);
      sound.onerror = () => done(false);
      sound.onpause = () => { if (!sound?.ended) done(true); };
      sound.play().catch(() => done(false));
    });
    if (!heard) return pause(box, Number(box.dataset.spoken));
  }
  return box.dataset.sounds === "0" ? pause(box, Number(box.dataset.spoken)) : phone() === box;
}

const pause = (box, ms) => new Promise((done) => timers.push(setTimeout(() => done(phone() === box), ms)));

function send(typed) {
  const box = phone();
  quiet();
  htmx.ajax("POST", `/flows/calls/${box.dataset.call}`, { target: "#phone", swap: "outerHTML", values: { typed, turn: box.dataset.turn } });
}

// The wait begins when everything was said; it ends with what was typed until then, or with silence.
function wait(box) {
  let left = box.dataset.role === "silence" ? 2 : Number(box.dataset.seconds);  // silence is long to watch
  if (!Number(box.dataset.seconds) || box.dataset.kind === "card") return;
  const shown = box.querySelector("[data-countdown]");
  const tick = () => {
    if (phone() !== box) return quiet();
    shown.textContent = `${left} s`;
    if (left-- > 0) return;
    const nothing = box.dataset.kind === "transfer" ? `wait 1 ${box.dataset.seconds}` : "silence";
    send(box.querySelector("[data-typed]")?.value || nothing);
  };
  quiet();
  timers.push(setInterval(tick, 1000));
  tick();
}

async function answer() {
  const box = phone();
  quiet();
  if (!box?.dataset.call) return;
  mark(box.dataset.path.split(" "), "been");
  graph()?.querySelectorAll(".at").forEach((one) => one.classList.remove("at"));
  const here = boxOf(box.dataset.at);
  here?.classList.add("at");
  bringIntoView(here);
  const talk = box.querySelector(".conversation");
  if (talk) talk.scrollTop = talk.scrollHeight;
  if ((await speak(box)) && live() && phone() === box) wait(box);
}

function press(key) {
  const box = phone();
  const field = box?.querySelector("[data-typed]");
  if (!live() || !field) return;
  quiet();
  if (key === box.dataset.finish && field.value) return send(field.value);
  field.value += key;
  if (field.value.length >= Number(box.dataset.most)) return send(field.value);
  wait(box);
}

const extent = () => graph().getAttribute("viewBox").split(" ").slice(2).map(Number);
const sizeNow = () => graph().width.baseVal.value / extent()[0];

function resize(size) {
  const [wide, high] = extent();
  graph().setAttribute("width", wide * size);
  graph().setAttribute("height", high * size);
}

function zoom(how) {
  const pane = document.getElementById("graph-scroll");
  const [[wide, high], now] = [extent(), sizeNow()];
  const whole = Math.min(pane.clientWidth / wide, pane.clientHeight / high, 1);
  const next = { in: now * 1.25, out: now / 1.25, one: 1, fit: whole }[how];
  const size = Math.max(0.1, Math.min(2, next));
  const [x, y] = [(pane.scrollLeft + pane.clientWidth / 2) / now, (pane.scrollTop + pane.clientHeight / 2) / now];
  resize(size);
  pane.scrollTo({ left: x * size - pane.clientWidth / 2, top: y * size - pane.clientHeight / 2, behavior: "instant" });
}

function toLine(line) {
  const field = document.getElementById("text");
  if (!field || !line) return;
  const lines = field.value.split("\n");
  const start = lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0);
  field.focus();
  field.setSelectionRange(start, start + (lines[line - 1] || "").length);
  field.scrollTop = Math.max(0, (line - 6) * 18);
}

document.addEventListener("click", (event) => {
  const key = event.target.closest("[data-key]");
  if (key) return press(key.dataset.key);
  const zoomed = event.target.closest("[data-zoom]");
  if (zoomed) return zoom(zoomed.dataset.zoom);
  const counter = event.target.closest("[data-counter]");
  if (counter) {
    const names = counter.dataset.counter.split(" ");
    mark(names, "counter");
    document.getElementById("graph-scroll")?.scrollIntoView({ block: "nearest" });
    return bringIntoView(boxOf(names[names.length - 1]));
  }
  const fault = event.target.closest("[data-to-line]");
  if (fault) return toLine(Number(fault.dataset.toLine));
  const box = event.target.closest("a.box");
  if (box?.getAttribute("href")?.startsWith("#line-")) {
    event.preventDefault();
    return toLine(Number(box.dataset.line));
  }
  const goto = event.target.closest("[data-goto]");
  const chosen = box || (goto && boxOf(goto.dataset.goto));
  if (chosen) {
    graph().querySelectorAll(".chosen").forEach((one) => one.classList.remove("chosen"));
    chosen.classList.add("chosen");
    if (goto) bringIntoView(chosen);
  }
});

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select")) return;
  if (!live() || !/^[0-9*#]$/.test(event.key)) return;
  event.preventDefault();
  event.stopImmediatePropagation();
  press(event.key);
}, true);

document.addEventListener("input", (event) => {
  if (event.target.matches("[data-typed]")) quiet();
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
});
document.addEventListener("htmx:configRequest", (event) => {  // a text that is being edited is called as it stands
  const text = document.getElementById("text");
  if (text && event.detail.path.endsWith("/call")) event.detail.parameters.append("text", text.value);
});
// A text that is checked again gives a new graph: it stays where it was looked at. htmx settles sizes last.
document.addEventListener("htmx:beforeSwap", (event) => {
  const pane = document.getElementById("graph-scroll");
  if (event.detail.target?.id === "findings" && pane) looked = { left: pane.scrollLeft, top: pane.scrollTop, size: sizeNow() };
});
document.addEventListener("htmx:afterSettle", (event) => {
  const pane = document.getElementById("graph-scroll");
  if (event.detail.target?.id === "findings" && pane && looked) {
    resize(looked.size);
    pane.scrollTo({ ...looked, behavior: "instant" });
    if (phone()?.dataset.path) mark(phone().dataset.path.split(" "), "been");
  }
});
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.target.id === "phone" || event.detail.target?.id === "phone") answer();
  const node = document.getElementById("node");
  if (event.detail.target?.id !== "node" || !node) return;
  const side = node.closest(".side");
  if (getComputedStyle(side).position === "sticky") side.scrollTop = node.offsetTop - side.offsetTop;
  else node.scrollIntoView({ block: "nearest" });
});
document.addEventListener("DOMContentLoaded", () => {
  bringIntoView(boxOf("·answered"));
  answer();
});
