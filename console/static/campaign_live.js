// A campaign stays live: puts in what the server sends, keeps rows that did not change, runs the ages between.
// Decides nothing; the old state stays on the screen until a new one comes.
"use strict";

const LOST_AFTER_MS = 6500; // three beats of the server
const REOPEN_MS = 2000;
const watch = document.getElementById("watch");
const link = document.getElementById("link");
const speed = Number(watch.dataset.speed);
const drawn = {}; // part -> the HTML that it was made of
const rows = new Map(); // row -> the same

let source = null;
let now = Number(watch.dataset.now); // the server's business time, in milliseconds
let heard = performance.now();
let heardAt = new Date();

function connect() {
  source?.close();
  source = new EventSource(`/campaigns/${watch.dataset.campaign}/live/events`);
  source.addEventListener("state", take);
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
  for (const [name, html] of Object.entries(state.parts ?? {})) {
    if (drawn[name] === html) continue;
    drawn[name] = html;
    put(name, html);
  }
  runAges();
}

function put(name, html) {
  const box = document.getElementById(name);
  if (name === "tone") document.getElementById("state").parentElement.className = "tag " + html;
  if (name === "sentence" || name === "state") box.textContent = html;
  if (box === null || ["sentence", "state", "tone"].includes(name)) return;
  if (name === "calls" && box.querySelector("tbody") && html.includes("<tbody>")) { putRows(box, html); return; }
  const focused = document.activeElement?.closest("#" + name) ? document.activeElement.getAttribute("href") : null;
  box.innerHTML = html; // made and escaped by our own server
  if (focused) [...box.querySelectorAll("a")].find((one) => one.getAttribute("href") === focused)?.focus();
}

// Rows that stay are the same elements, so that focus, selection and scroll stay as well.
function putRows(box, html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html;
  box.querySelector("caption").textContent = fresh.content.querySelector("caption").textContent;
  const body = box.querySelector("tbody");
  const news = [...fresh.content.querySelectorAll("tbody tr")];
  const present = new Set(news.map((row) => row.id));
  const kept = new Map([...body.rows].map((row) => [row.id, row]));
  for (const [id, row] of kept) if (!present.has(id)) { row.remove(); rows.delete(id); }
  let place = body.firstElementChild;
  for (const row of news) {
    const old = kept.get(row.id);
    const html = row.outerHTML;
    if (old && rows.get(row.id) !== html) change(old, row);
    rows.set(row.id, html);
    if (old && old === place) place = place.nextElementSibling;
    else body.insertBefore(old ?? row, place);
  }
}

function change(old, row) {
  old.className = row.className;
  [...row.cells].forEach((cell, n) => { if (old.cells[n].innerHTML !== cell.innerHTML && !cell.dataset.since) old.cells[n].innerHTML = cell.innerHTML; });
  for (const cell of row.cells) if (cell.dataset.since) old.cells[cell.cellIndex].dataset.since = cell.dataset.since;
}

function runAges() {
  const present = now + (performance.now() - heard) * speed;
  for (const cell of watch.querySelectorAll("[data-since]")) {
    const seconds = Math.max(0, Math.floor((present - cell.dataset.since) / 1000));
    const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    if (cell.textContent !== text) cell.textContent = text;
  }
  if (performance.now() - heard > LOST_AFTER_MS) {
    document.body.classList.add("offline");
    link.textContent = watch.dataset.lost.replace("{time}", heardAt.toLocaleTimeString(document.documentElement.lang));
  }
}

setInterval(runAges, 500);
runAges();
connect();
