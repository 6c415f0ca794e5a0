// A part of a page that stays live by server-sent events: it comes back by itself, says since when it is cut off, and
// runs the ages between two looks. What is told is put in by whoever follows; the old state stays until a new one comes.
"use strict";

const LOST_AFTER_MS = 6500; // three beats of the server
const REOPEN_MS = 2000;

// `box` has data-events (the address), data-lost (words with {time}) and, if ages run in it, data-now and data-speed:
// the server's business time in milliseconds, and how fast it goes. Returns what runs the ages at once.
function follow(box, take) {
  const link = document.getElementById("link");
  const speed = Number(box.dataset.speed ?? 1);
  let source = null;
  let now = Number(box.dataset.now ?? 0);
  let heard = performance.now();
  let heardAt = new Date();
  let why = "";

  function connect() {
    source?.close();
    source = new EventSource(box.dataset.events);
    source.addEventListener("state", hear);
    source.addEventListener("beat", hear);
    source.addEventListener("away", (event) => { why = link.textContent = JSON.parse(event.data).words; });
    source.addEventListener("closed", () => { source.close(); location.reload(); });
    // A refusal is final for the browser; the server may only be restarting.
    source.onerror = () => { if (source.readyState === EventSource.CLOSED) setTimeout(connect, REOPEN_MS); };
  }

  function hear(event) {
    const state = event.data ? JSON.parse(event.data) : {};
    now = state.now ?? now;
    heard = performance.now();
    heardAt = new Date();
    link.textContent = why = "";
    document.body.classList.remove("offline");
    take(state);
    run();
  }

  function run() {
    const present = now + (performance.now() - heard) * speed;
    for (const cell of box.querySelectorAll("[data-since]")) {
      const seconds = Math.max(0, Math.floor((present - cell.dataset.since) / 1000));
      const text = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
      if (cell.textContent !== text) cell.textContent = text;
    }
    if (performance.now() - heard > LOST_AFTER_MS) {
      document.body.classList.add("offline");
      link.textContent = why || box.dataset.lost.replace("{time}", heardAt.toLocaleTimeString(document.documentElement.lang));
    }
  }

  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => { if (event.persisted) connect(); });
  setInterval(run, 500);
  run();
  connect();
  return run;
}
