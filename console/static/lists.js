// Handing a file in: drop it anywhere on the box, see how much is sent, hear at once when it is too large.
"use strict";

const drop = document.querySelector(".drop");
const input = drop?.querySelector("input[type=file]");
const bar = drop?.querySelector("progress");

const check = () => {
  const file = input.files[0];
  const tooLarge = file && file.size > Number(drop.dataset.limit) * 1024 * 1024;
  input.setCustomValidity(tooLarge ? drop.dataset.tooLarge : "");
  if (tooLarge) input.reportValidity();
  const name = document.querySelector("input[name=list]");
  if (file && name && !name.value) name.value = file.name.replace(/\.[^.]+$/, "").slice(0, 100);
};

input?.addEventListener("change", check);
for (const kind of ["dragenter", "dragover"]) drop?.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
for (const kind of ["dragleave", "drop"]) drop?.addEventListener(kind, () => drop.classList.remove("over"));
drop?.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) { input.files = event.dataTransfer.files; check(); }
});

document.addEventListener("htmx:xhr:progress", (event) => {
  if (!bar || !event.detail.lengthComputable) return;
  bar.hidden = false;
  bar.value = (event.detail.loaded / event.detail.total) * 100;
});
document.addEventListener("htmx:afterRequest", () => { if (bar) bar.hidden = true; });

const reveal = document.querySelector("[data-reveals]");
const shown = () => { const box = document.getElementById(reveal.dataset.reveals); if (box) box.hidden = reveal.value !== ""; };
reveal?.addEventListener("change", shown);
if (reveal) shown();

// A column that was chosen is shown as chosen, and one that is not used as such, without loading the page anew.
document.querySelector("form.mapping tbody")?.addEventListener("change", (event) => {
  const row = event.target.closest("tr");
  const chosen = row.closest("form").dataset.chosen;
  row.classList.toggle("unused", !event.target.value);
  const tag = row.querySelector(".tag") ?? Object.assign(document.createElement("span"), { className: "tag" });
  tag.textContent = chosen;
  event.target.value ? event.target.after(" ", tag) : tag.remove();
});
