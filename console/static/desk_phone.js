// The headset in the page: registers as the agent's line, takes its call, shows levels and the line's state in words.
// Two phones with the same verbs: the carrier in a box by WebSocket, and Twilio's Voice SDK, loaded when it is asked for.
"use strict";

{
  const AGAIN_MS = [300, 1000, 2000, 4000];
  const FULL = 16000; // bytes that wait for the network, a second of sound: more would only be heard late
  const RENEW_BEFORE_S = 60;
  // The SDK would fetch its tones from its maker's site: the line of a shift needs none.
  const TONES = ["incoming", "outgoing", "disconnect", "dtmfs", "dtmfh", ...[...Array(10).keys()].map((key) => "dtmf" + key)];
  const SILENT = Object.fromEntries(TONES.map((tone) => [tone, "/desk/assets/desk_silence.wav"]));
  const WORN = "headset"; // this window's headset was connected: a reload connects it again
  const box = document.getElementById("phone");
  const part = (name) => document.getElementById("phone-" + name);
  const words = JSON.parse(box.dataset.words);
  let phone = null;
  let muted = false;
  let state = "idle";

  // A token, for this desk's own line. A refusal is final; silence is not.
  async function pass() {
    const answer = await post("/desk/headset");
    const told = await answer.json();
    if (!answer.ok) throw new Refused(told.detail);
    return told;
  }

  class Refused extends Error {}

  class LocalPhone {
    constructor(on) { this.on = on; this.tries = 0; this.call = null; this.muted = false; }

    async connect() {
      this.sound = new AudioContext();
      await this.sound.audioWorklet.addModule("/desk/assets/desk_phone_worklet.js");
      const echo = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
      this.microphone = await navigator.mediaDevices.getUserMedia({ audio: echo });
      this.node = new AudioWorkletNode(this.sound, "phone");
      this.node.port.onmessage = ({ data }) => data.frame ? this.send(data.frame) : this.on.levels(...data.levels);
      this.sound.createMediaStreamSource(this.microphone).connect(this.node).connect(this.sound.destination);
      await this.sound.resume();
      await this.open();
    }

    async open() {
      const told = await pass();
      if (!this.sound) return;
      this.socket = new WebSocket(told.url);
      this.socket.binaryType = "arraybuffer";
      this.socket.onopen = () => this.tell({ type: "register", token: told.token });
      this.socket.onmessage = ({ data }) => typeof data === "string" ? this.take(JSON.parse(data)) : this.node.port.postMessage(data, [data]);
      this.socket.onclose = () => this.again();
    }

    again() {
      if (!this.sound || this.final) return;
      this.node.port.postMessage(null);
      this.on.state("lost");
      const wait = AGAIN_MS[Math.min(this.tries++, AGAIN_MS.length - 1)];
      setTimeout(() => this.sound && this.open().catch((fault) => fault instanceof Refused ? this.on.refused(fault.message) : this.again()), wait);
    }

    take(message) {
      if (message.type === "registered") this.tries = 0;
      if (message.type === "caption") this.on.caption(message.words, message.language);
      if (message.type === "refused") { this.final = true; this.on.refused(message.why); }
      if (message.type === "replaced") { this.final = true; this.on.state("replaced"); }
      if (message.type !== "state") return;
      this.call = message.call;
      if (!this.call) this.node.port.postMessage(null);
      this.on.state(!this.call ? "waiting" : this.call.status);
      // The agent has just asked for calls: their own line, which rings now, needs no second word.
      if (this.call?.status === "ringing") this.tell({ type: "accept", call: this.call.id });
    }

    tell(message) { if (this.socket?.readyState === WebSocket.OPEN) this.socket.send(JSON.stringify(message)); }

    send(frame) {
      if (this.muted || this.call?.status !== "open" || this.socket.readyState !== WebSocket.OPEN) return;
      if (this.socket.bufferedAmount < FULL) this.socket.send(frame);
    }

    mute(on) { this.muted = on; }
    end() { if (this.call) this.tell({ type: "hangup", call: this.call.id }); }

    close() {
      this.final = true; // a reload keeps the call: the carrier waits a while for the page to come back
      this.socket?.close();
      this.microphone?.getTracks().forEach((track) => track.stop());
      this.sound?.close();
      this.sound = null;
    }
  }

  class TwilioPhone {
    constructor(on) { this.on = on; this.call = null; }

    async connect() {
      const told = await pass();
      await loaded(box.dataset.sdk);
      const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
      microphone.getTracks().forEach((track) => track.stop()); // the SDK opens it for the call; asked for while somebody looks
      const options = { logLevel: "silent", tokenRefreshMs: RENEW_BEFORE_S * 1000, sounds: SILENT };
      this.device = new Twilio.Device(told.token, options);
      this.device.on("registered", () => this.call ?? this.on.state("waiting"));
      this.device.on("unregistered", () => this.device && this.on.state("lost"));
      // Codes of tokens and of leave are final (201xx, 312xx); of everything else the SDK recovers by itself.
      this.device.on("error", ({ code, message }) => /^(201|312)\d\d$/.test(code) ? this.on.refused(message) : this.call ?? this.on.state("lost"));
      this.device.on("tokenWillExpire", () => pass().then((fresh) => this.device?.updateToken(fresh.token), () => {}));
      this.device.on("incoming", (call) => this.take(call));
      await this.device.register();
    }

    take(call) {
      this.call = call;
      this.on.state("ringing");
      const over = () => { this.call = null; if (this.device) this.on.state("waiting"); };
      call.on("accept", () => this.on.state("open"));
      call.on("reconnecting", () => this.on.state("lost"));
      call.on("reconnected", () => this.on.state("open"));
      call.on("volume", (you, them) => this.on.levels(you, them));
      for (const end of ["disconnect", "cancel", "reject"]) call.on(end, over);
      call.accept();
    }

    mute(on) { this.call?.mute(on); }
    end() { this.call?.disconnect(); }
    close() { const device = this.device; this.device = null; device?.destroy(); }
  }

  function loaded(address) {
    if (globalThis.Twilio) return Promise.resolve();
    return new Promise((done, failed) => {
      const script = document.createElement("script");
      script.src = address;
      script.onload = done;
      script.onerror = () => failed(new Error(address));
      document.head.append(script);
    });
  }

  const on = {
    state: show,
    levels(you, them) {
      part("you").value = muted ? 0 : loudness(you);
      part("them").value = loudness(them);
    },
    caption(text, language) {
      const place = part("caption");
      const [before, after] = words.said.split("{words}");
      const said = document.createElement("span");
      said.lang = language;
      said.textContent = text;
      place.replaceChildren(before, said, after);
      place.hidden = false;
    },
    refused(why) { forget(); drop(); show("refused", why); },
  };

  // Ears hear ratios: 60 dB below full scale is silence.
  const loudness = (root) => root > 0 ? Math.max(0, Math.min(1, 1 + Math.log10(root) / 3)) : 0;

  function show(now, why = "") {
    if (now !== "lost") setMuted(now === "open" && muted);
    state = now;
    const place = part("state");
    place.className = "phone-state " + (state === "open" && muted ? "muted-line" : state);
    place.textContent = (state === "open" && muted ? words.muted : words[state]).replace("{why}", why);
    part("controls").hidden = !phone;
    part("mute").disabled = part("end").disabled = state !== "open";
    part("connect").textContent = phone ? words.disconnect : words.connect;
    if (state !== "open") part("caption").hidden = true;
    if (state === "replaced") { forget(); drop(); part("controls").hidden = true; part("connect").textContent = words.connect; }
  }

  function setMuted(on) {
    muted = on;
    phone?.mute(on);
    const button = part("mute");
    button.setAttribute("aria-pressed", on);
    button.querySelector("span").textContent = on ? words.unmute : words.mute;
  }

  function turnMute() {
    if (state !== "open") return;
    muted = !muted;
    show("open");
  }

  const forget = () => sessionStorage.removeItem(WORN);

  function drop() {
    const old = phone;
    phone = null;
    old?.close();
  }

  async function turn() {
    if (phone) { phone.end(); forget(); drop(); return show("idle"); }
    const mine = phone = box.dataset.phone === "twilio" ? new TwilioPhone(on) : new LocalPhone(on);
    show("asking");
    try {
      await mine.connect();
      sessionStorage.setItem(WORN, "yes");
    } catch (fault) {
      if (phone !== mine) return;
      forget();
      drop();
      const silent = ["NotFoundError", "NotAllowedError", "NotReadableError"].includes(fault.name);
      show(silent ? "no_microphone" : "refused", fault.message);
    }
  }

  part("connect")?.addEventListener("click", () => {
    part("connect").blur(); // the next Enter is the script's
    turn();
  });
  part("mute")?.addEventListener("click", turnMute);
  part("end")?.addEventListener("click", () => phone?.end());
  // M alone opens a form of the desk, so mute has a shift; before all other keys of the page.
  document.addEventListener("keydown", (event) => {
    if (!event.shiftKey || event.ctrlKey || event.metaKey || event.altKey || event.key.toLowerCase() !== "m") return;
    if (event.target.closest("input, textarea, select") || state !== "open") return;
    event.preventDefault();
    event.stopImmediatePropagation();
    turnMute();
  }, true);
  // A caption is for as long as its speaker is on the line.
  document.addEventListener("desk:shown", () => {
    if (!document.querySelector(".state.in_call, .state.reserved")) part("caption").hidden = true;
  });
  addEventListener("pagehide", drop);
  if (sessionStorage.getItem(WORN)) turn();
}
