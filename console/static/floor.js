// The floor: puts in what the server sends, keeps the focus, and tells it of a press. Decides nothing.
"use strict";

const floor = document.getElementById("floor");
const supervise = document.getElementById("supervise");
const runAges = follow(floor, (state) => { if (state.html !== undefined) put(state.html); });

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
