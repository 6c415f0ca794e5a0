// How far loads are stays live: puts in what the server sends. The old state stays until a new one comes.
"use strict";

const LOST_AFTER_MS = 6500; // three beats of the server
const REOPEN_MS = 2000;
const told = document.querySelector("[data-events]");
const link = document.getElementById("link");

let source = null;
let heard = performance.now();
let heardAt = new Date();

function connect() {
  source?.close();
  source = new EventSource(told.dataset.events);
  source.addEventListener("state", (event) => { hear(); put(JSON.parse(event.data).html); });
  source.addEventListener("beat", hear);
  // It is over: what came of it is a page of its own.
  source.addEventListener("closed", () => { source.close(); location.reload(); });
  // A refusal is final for the browser; the server may only be restarting.
  source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(connect, REOPEN_MS); };
}

function hear() {
  heard = performance.now();
  heardAt = new Date();
  link.textContent = "";
  document.body.classList.remove("offline");
}

function put(html) {
  const at = document.activeElement?.getAttribute("href");
  const inside = at && told.contains(document.activeElement);
  told.innerHTML = html;
  if (inside) told.querySelector(`[href="${CSS.escape(at)}"]`)?.focus();
}

setInterval(() => {
  if (performance.now() - heard <= LOST_AFTER_MS) return;
  document.body.classList.add("offline");
  link.textContent = told.dataset.lost.replace("{time}", heardAt.toLocaleTimeString(document.documentElement.lang));
}, 500);
addEventListener("pagehide", () => source?.close());
connect();
