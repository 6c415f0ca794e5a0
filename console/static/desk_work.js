// Work at the desk: the script's keys, the forms, and drafts that the server keeps while something is typed.
// Nothing of a person is stored in the browser; what could not be sent is tried again when the line is back.
"use strict";

const sheet = document.getElementById("sheet");
const toast = document.getElementById("toast");
const DRAFT_AFTER_MS = 700;
const AGAIN_AFTER_MS = 3000;
const POLL_AFTER_MS = 700; // of what goes on while the sheet is open
const { unsaved, saved, kept: keptForLater } = document.body.dataset;

let attempt = "";
let timer = 0;
let dirty = false;
let failing = false; // what was typed last could not be kept
let shown = ""; // what the server made of the sheet
let poller = 0;
const touched = new Set(); // what was typed here: another window may have typed the rest

const more = (values) => "&" + new URLSearchParams(values);
const form = () => sheet.querySelector("form");

async function open(name, ofAttempt) {
  await keepDraft();
  const address = "/desk/work/forms/" + name + query + more({ attempt: ofAttempt });
  const answer = await fetch(address, { headers: { "X-Toque-Desk": "1" } }).catch(() => null);
  if (!answer?.ok) return tell(answer ? await answer.text() : unsaved);
  attempt = ofAttempt;
  show(await answer.text());
}

const openCase = (task) => read("/desk/work/cases/" + task);
const openPage = (name, ofAttempt) => read("/desk/work/" + name, more({ attempt: ofAttempt }), ofAttempt);
const openPreview = (campaign) => read("/desk/work/previews/" + campaign);

async function read(path, values = "", ofAttempt = attempt) {
  await keepDraft();
  const address = path + query + values;
  const answer = await fetch(address, { headers: { "X-Toque-Desk": "1" } }).catch(() => null);
  if (!answer?.ok) return tell(answer ? await answer.text() : unsaved);
  attempt = ofAttempt;
  show(await answer.text());
}

async function press(button) {
  button.disabled = true;
  const answer = await post(button.dataset.post, new FormData(form()), more({ attempt })).catch(() => null);
  if (answer?.status === 200 || answer?.status === 422) return show(await answer.text()); // what follows
  if (answer?.ok) return done(answer);
  button.disabled = false;
  tell(answer ? await answer.text() : unsaved);
}

function done(answer) {
  dirty = false;
  sheet.hidden = true;
  sheet.replaceChildren();
  tell("");
  say_(decodeURIComponent(answer.headers.get("X-Toque-Said") ?? ""));
}

function show(html) {
  sheet.innerHTML = html; // made and escaped by our own server
  sheet.hidden = false;
  dirty = false;
  touched.clear();
  shown = html;
  clearTimeout(poller);
  if (form()?.dataset.poll) poller = setTimeout(lookAgain, POLL_AFTER_MS);
  const first = form()?.dataset.poll ? "[data-close]" : "input, select, textarea"; // nothing under way is given up by chance
  (sheet.querySelector(first) ?? sheet.querySelector("footer button"))?.focus();
}

// A sheet that tells of something under way is made anew until it is over; focus stays where it is.
async function lookAgain() {
  const path = form()?.dataset.poll;
  if (!path) return;
  const answer = await fetch(path + query + more({ attempt }), { headers: { "X-Toque-Desk": "1" } }).catch(() => null);
  const html = answer?.ok ? await answer.text() : shown;
  if (form()?.dataset.poll !== path) return;
  const focused = document.activeElement?.id;
  if (html === shown) poller = setTimeout(lookAgain, POLL_AFTER_MS);
  else {
    show(html);
    if (focused) document.getElementById(focused)?.focus();
  }
}

async function close() {
  await keepDraft();
  sheet.hidden = true;
  sheet.replaceChildren();
  document.getElementById("act-done")?.focus({ preventScroll: true });
}

async function send() {
  const name = form().dataset.name;
  const button = form().querySelector("footer button");
  clearTimeout(timer);
  button.disabled = true;
  const answer = await post("/desk/work/forms/" + name, new FormData(form()), more({ attempt })).catch(() => null);
  if (answer?.ok) return done(answer);
  button.disabled = false;
  if (answer?.status === 422) return show(await answer.text());
  dirty = failing = true;
  tell(answer ? await answer.text() : unsaved);
}

function say_(words) {
  toast.textContent = words;
  toast.classList.add("shown");
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => toast.classList.remove("shown"), 5000);
}

async function keepDraft() {
  clearTimeout(timer);
  if (!dirty || !form()) return;
  dirty = false;
  const body = new FormData();
  for (const [name, value] of new FormData(form())) if (touched.has(name)) body.set(name, value);
  const answer = await post("/desk/work/drafts/" + form().dataset.name, body, more({ attempt })).catch(() => null);
  failing = !answer?.ok;
  dirty ||= failing;
  if (!answer) timer = setTimeout(keepDraft, AGAIN_AFTER_MS);
  const place = document.getElementById("saving");
  if (place) place.textContent = answer?.ok ? saved : unsaved;
  if (answer?.ok) await reckon();
}

// What the server reckons from what was typed; the fields are left alone, somebody types in them.
async function reckon() {
  const place = document.getElementById("reckoned");
  if (!place) return;
  const address = "/desk/work/forms/" + form().dataset.name + query + more({ attempt });
  const answer = await fetch(address, { headers: { "X-Toque-Desk": "1" } }).catch(() => null);
  if (!answer?.ok) return;
  const fresh = document.createElement("template");
  fresh.innerHTML = await answer.text(); // made and escaped by our own server
  const made = fresh.content.getElementById("reckoned");
  if (made && place.isConnected) place.replaceWith(made);
}

async function step(button) {
  if (!button || button.disabled) return;
  button.disabled = true;
  const { step: key, script = "", attempt: of, seen } = button.dataset;
  const answer = await post("/desk/work/steps/" + key, null, more({ attempt: of, seen, script })).catch(() => null);
  if (answer?.ok) return tell("");
  button.disabled = false;
  tell(answer ? await answer.text() : unsaved);
}

live.addEventListener("click", (event) => {
  const button = event.target.closest("[data-form], [data-open], [data-step], [data-case], [data-preview]");
  if (button?.dataset.case) openCase(button.dataset.case);
  else if (button?.dataset.preview) openPreview(button.dataset.preview);
  else if (button?.dataset.open) openPage(button.dataset.open, button.dataset.attempt);
  else if (button?.dataset.form) open(button.dataset.form, button.dataset.attempt);
  else if (button) step(button);
});
live.addEventListener("change", async (event) => {
  if (event.target.id !== "scripts" || !event.target.value) return;
  const { attempt: of, seen } = event.target.dataset;
  const answer = await post("/desk/work/scripts/" + event.target.value, null, more({ attempt: of, seen })).catch(() => null);
  tell(answer?.ok ? "" : answer ? await answer.text() : unsaved);
});
sheet.addEventListener("input", (event) => {
  dirty = true;
  touched.add(event.target.name);
  clearTimeout(timer);
  timer = setTimeout(keepDraft, DRAFT_AFTER_MS);
});
// Which outcome is chosen decides what else the form asks for: the server makes it anew from the draft.
sheet.addEventListener("change", async (event) => {
  if (!event.target.matches("[data-again]")) return;
  dirty = true;
  touched.add(event.target.name);
  await keepDraft();
  const { name } = document.activeElement ?? event.target; // who went on to the next field stays there
  await open(form().dataset.name, attempt);
  sheet.querySelector(`[name="${name || event.target.name}"]`)?.focus();
});
sheet.addEventListener("click", (event) => {
  if (event.target.closest("[data-close]")) close();
  const button = event.target.closest("[data-post]");
  if (button) press(button);
  const again = event.target.closest("[data-preview]");
  if (again) openPreview(again.dataset.preview);
});
sheet.addEventListener("submit", (event) => {
  event.preventDefault();
  if (form().method === "post") send();
  else sheet.querySelector("footer [data-post]:not(:disabled)")?.click();
});
// What another window has typed meanwhile is shown as soon as this one is looked at.
async function catchUp() {
  await keepDraft();
  const open = form();
  if (dirty || document.visibilityState !== "visible" || open?.method !== "post") return;
  const address = "/desk/work/forms/" + open.dataset.name + query + more({ attempt });
  const answer = await fetch(address, { headers: { "X-Toque-Desk": "1" } }).catch(() => null);
  const html = answer?.ok ? await answer.text() : shown;
  if (dirty || form() !== open || html === shown) return;
  const { name } = document.activeElement ?? {};
  show(html);
  if (name) sheet.querySelector(`[name="${name}"]`)?.focus();
}

// Another caller is on the screen: a form of the one before is put away with what was typed, so that nobody mixes them.
async function putAway() {
  const card = document.getElementById("open-note");
  const ofCall = form()?.method === "post" || form()?.dataset.name === "card";
  if (sheet.hidden || !ofCall || !card || card.dataset.attempt === attempt) return;
  const of = form();
  const wasTyped = touched.size > 0;
  await keepDraft();
  if (dirty || form() !== of) return; // not kept yet: it stays until it is
  sheet.hidden = true;
  sheet.replaceChildren();
  if (wasTyped) say_(keptForLater);
}

document.addEventListener("desk:shown", putAway);
document.addEventListener("desk:back", keepDraft);
document.addEventListener("visibilitychange", catchUp);
window.addEventListener("focus", catchUp);
window.addEventListener("beforeunload", (event) => {
  if (failing && dirty && form()) event.preventDefault(); // the browser asks before it is gone
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !sheet.hidden) return close();
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && form()?.method === "post") return send();
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || keys.open) return;
  if (event.target.closest("input, textarea, select")) return;
  const key = event.key.toLowerCase();
  if (/^[1-9]$/.test(key)) step(document.getElementById("branch-" + key));
  else if (event.key === "ArrowLeft" || event.key === "Backspace") step(document.getElementById("step-back"));
  else if (event.key === "Enter" && !event.target.closest("button, a")) document.getElementById("finish")?.click();
  else if (/^[a-z]$/.test(key)) {
    const opens = live.querySelector(`[data-key="${key}"]:not(:disabled)`);
    if (opens) { event.preventDefault(); opens.click(); }
  }
});
