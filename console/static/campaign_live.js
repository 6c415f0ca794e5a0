// A campaign live: puts in what the server sends, and keeps rows that did not change. Decides nothing.
"use strict";

const watch = document.getElementById("watch");
const drawn = {}; // part -> the HTML that it was made of
const rows = new Map(); // row -> the same

follow(watch, (state) => {
  for (const [name, html] of Object.entries(state.parts ?? {})) {
    if (drawn[name] === html) continue;
    drawn[name] = html;
    put(name, html);
  }
});

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
