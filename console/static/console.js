// Keys that work on every page, the short message after an act, and tables that sort. Nothing else.
"use strict";

const places = () => [...document.querySelectorAll(".top nav a")];
let going = 0;

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "?") document.getElementById("keys")?.showModal();
  else if (event.key === "/") {
    const search = document.querySelector("[type=search]");
    if (search) { event.preventDefault(); search.focus(); }
  } else if (event.key === "g") going = Date.now();
  else if (/^[1-9]$/.test(event.key) && Date.now() - going < 1500) places()[event.key - 1]?.click();
});

document.addEventListener("click", (event) => {
  const open = document.querySelector(".me[open]");
  if (open && !open.contains(event.target)) open.open = false;
  if (event.target.matches("dialog")) event.target.close();
});

// An act says what it did by the header HX-Trigger: {"toast": "words"}.
document.addEventListener("toast", (event) => {
  const box = document.getElementById("toast");
  box.textContent = event.detail.value;
  box.classList.add("shown");
  clearTimeout(box.timer);
  box.timer = setTimeout(() => box.classList.remove("shown"), 6000);
});

// A form that saves itself is not sent a second time while it does: what it is then known by comes with the answer.
document.addEventListener("htmx:beforeRequest", (event) => { if (event.target.matches("form[data-waits]")) event.target.saving = true; });
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.target.closest("form[data-waits]");
  if (!form) return;
  form.saving = false;
  if (form.sent) setTimeout(() => form.requestSubmit(), 50);
});
document.addEventListener("submit", (event) => {
  if (!event.target.saving) return;
  event.preventDefault();
  event.target.sent = true;
});

document.addEventListener("htmx:sendError", () => document.body.classList.add("offline"));
document.addEventListener("htmx:afterRequest", (event) => { if (event.detail.successful) document.body.classList.remove("offline"); });
