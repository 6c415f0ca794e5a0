// The desk stays live: shows what the server sends, runs the clocks between, and says at once when it is cut off.
// Decides nothing; the old state stays on the screen until a new one comes.
"use strict";

const LOST_AFTER_MS = 6500; // three beats of the server
const REOPEN_MS = 2000;
const live = document.getElementById("live");
const link = document.getElementById("link");
const notice = document.getElementById("notice");
const keys = document.getElementById("keys");
const { agent, speed, desk, failed, ages } = document.body.dataset;
const query = "?agent=" + encodeURIComponent(agent);

let source = null;
let state = { packet: 0, shown: true, ages: JSON.parse(ages) };
let heard = performance.now(); // when the page or the last event came
let heardAt = new Date(); // the same as a time of day
let lost = false;
let acknowledged = 0;

function connect() {
  source?.close();
  source = new EventSource("/desk/events" + query);
  source.addEventListener("snapshot", take);
  source.addEventListener("beat", take);
  source.addEventListener("closed", () => { source.close(); say(); });
  source.onerror = () => {
    say();
    // A refusal is final for the browser; the server may only be restarting.
    if (source.readyState === EventSource.CLOSED) setTimeout(connect, REOPEN_MS);
  };
}

function take(event) {
  state = JSON.parse(event.data);
  heard = performance.now();
  heardAt = new Date();
  if (lost) document.dispatchEvent(new Event("desk:back"));
  lost = false;
  link.className = "link live";
  link.textContent = link.dataset.live;
  if (state.html !== undefined) replace(state.html);
  document.title = (state.status === "reserved" ? "● " : "") + desk + " · Toque";
  runClocks();
  acknowledge();
}

// Only the sections that have changed are exchanged: the others keep where they are scrolled to, and the focus.
function replace(html) {
  const fresh = document.createElement("template");
  fresh.innerHTML = html; // made and escaped by our own server
  const focused = document.activeElement?.id;
  for (const section of fresh.content.querySelectorAll("section[id]")) {
    const old = document.getElementById(section.id);
    if (!old) live.append(section);
    else if (shownAs(old) !== section.innerHTML) {
      kept.set(section.id, section.innerHTML);
      const top = old.scrollTop;
      old.replaceWith(section);
      if (section.id === "side") section.scrollTop = top;
    }
  }
  if (focused && document.activeElement?.id !== focused) document.getElementById(focused)?.focus();
  document.dispatchEvent(new Event("desk:shown"));
}

// What the server sent for a section, before clocks and choices changed it.
const kept = new Map();
const shownAs = (section) => kept.get(section.id);

function say() {
  if (lost) return;
  lost = true;
  const time = heardAt.toLocaleTimeString(document.documentElement.lang);
  link.className = "link lost";
  link.textContent = link.dataset.lost.replace("{time}", time) + " " + link.dataset.stale;
}

// The screen shows the packet once it is painted in a window that is being looked at.
function acknowledge() {
  const packet = state.packet;
  if (!packet || state.shown || packet === acknowledged || document.visibilityState !== "visible") return;
  acknowledged = packet;
  requestAnimationFrame(() => requestAnimationFrame(async () => {
    const done = await post("/desk/packets/" + packet + "/shown").catch(() => null);
    if (!done?.ok) acknowledged = 0;
  }));
}

function post(address, body, more = "") {
  return fetch(address + query + more, { method: "POST", headers: { "X-Toque-Desk": "1" }, body, keepalive: true });
}

async function act(name) {
  const button = document.querySelector(`[data-act="${name}"]`);
  if (!button || button.disabled) return;
  button.disabled = true;
  let problem = "";
  try {
    const body = new FormData();
    if (name === "pause") body.set("reason", document.getElementById("reason").value);
    const answer = await post("/desk/" + name, body);
    if (!answer.ok) problem = (await answer.json()).detail;
  } catch (error) {
    problem = error.message;
  }
  tell(problem);
  if (problem) button.disabled = false;
}

function tell(problem) {
  notice.hidden = !problem;
  notice.textContent = problem ? failed.replace("{detail}", problem) : "";
}

function runClocks() {
  const passed = lost ? 0 : ((performance.now() - heard) / 1000) * Number(speed);
  for (const place of document.querySelectorAll("[data-age]")) {
    const age = state.ages[place.dataset.age];
    if (age === undefined) continue;
    const seconds = Math.max(0, Math.floor(["left", "rest"].includes(place.dataset.age) ? age - passed : age + passed));
    place.textContent = clock(seconds);
  }
}

function clock(seconds) {
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const rest = String(seconds % 60).padStart(2, "0");
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

live.addEventListener("click", (event) => {
  const button = event.target.closest("[data-act]");
  if (button) act(button.dataset.act);
  if (event.target.closest("[data-help]")) keys.showModal();
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.repeat || event.target.closest("input, textarea, select")) return;
  if (keys.open && event.key !== "?") return;
  const name = { r: "ready", p: "pause", d: "done" }[event.key.toLowerCase()];
  if (name) act(name);
  if (event.key === "?") keys.open ? keys.close() : keys.showModal();
});
document.addEventListener("visibilitychange", acknowledge);
setInterval(() => {
  if (performance.now() - heard > LOST_AFTER_MS) say();
  if (!lost) runClocks();
}, 500);
runClocks();
connect();
