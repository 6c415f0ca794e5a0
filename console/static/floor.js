// The floor stays live: puts in what the server sends, keeps the focus, runs the ages between.
// Decides nothing; the old state stays on the screen until a new one comes.
"use strict";

const LOST_AFTER_MS = 6500;
const REOPEN_MS = 2000;
const floor = document.getElementById("floor");
const link = document.getElementById("link");
const supervise = document.getElementById("supervise");
const speed = Number(floor.dataset.speed);

let source = null;
let now = Number(floor.dataset.now); // the server's business time, in milliseconds
let heard = performance.now();
let heardAt = new Date();

function connect() {
  source?.close();
  source = new EventSource("/desk/floor/events");
  source.addEventListener("floor", take);
  source.addEventListener("beat", take);
  source.addEventListener("closed", () => { source.close(); location.reload(); });
  // A refusal is final for the browser; the server may only be restarting.
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(connect, REOPEN_MS); };
}

function take(event) {
  const state = JSON.parse(event.data);
  now = state.now;
  heard = performance.now();
  heardAt = new Date();
  link.textContent = "";
  document.body.classList.remove("offline");
  if (state.html !== undefined) put(state.html);
  runAges();
}

function put(html, pressed = false) {
  const focused = floor.contains(document.activeElement) ? document.activeElement.id : "";
  const fault = pressed ? null : floor.querySelector("[role=alert]"); // it stays until the next press
  const across = floor.querySelector(".wide")?.scrollLeft ?? 0;
  floor.innerHTML = html; // made and escaped by our own server
  if (fault) floor.querySelector(".lead").after(fault);
  if (focused) document.getElementById(focused)?.focus();
  const table = floor.querySelector(".wide");
  if (table) table.scrollLeft = across;
}

function runAges() {
  const present = now + (performance.now() - heard) * speed;
  for (const cell of floor.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((present - cell.dataset.since) / 1000));
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (cell.textContent !== text) cell.textContent = text;
  }
  if (performance.now() - heard > LOST_AFTER_MS) {
    document.body.classList.add("offline");
    link.textContent = floor.dataset.lost.replace("{time}", heardAt.toLocaleTimeString(document.documentElement.lang));
  }
}

// A press tells the server without leaving the page; the answer is the floor as it is then. Without scripts it is a form.
supervise.addEventListener("submit", async (event) => {
  event.preventDefault();
  const body = new FormData(supervise, event.submitter);
  const headers = { "HX-Request": "true" };
  const answer = await fetch(supervise.action, { method: "POST", headers, body }).catch(() => null);
  if (answer === null || answer.redirected || answer.status === 403) { location.reload(); return; }
  put(await answer.text(), true);
  runAges();
});

setInterval(runAges, 500);
runAges();
connect();
