// Between the browser's sound and the telephone's: frames of 20 ms at 8 kHz, 16 bits, both ways, and how loud they are.
"use strict";

const RATE = 8000;
const FRAME = 160;
const AHEAD = 3 * FRAME; // 60 ms are gathered before sound begins, so that a late frame makes no gap
const MOST = 25 * FRAME; // half a second; who is further behind hears the newest
const LEVELS_EVERY = 0.1; // seconds

class PhoneWorklet extends AudioWorkletProcessor {
  constructor() {
    super();
    this.ratio = sampleRate / RATE;
    this.frame = new Int16Array(FRAME);
    this.filled = 0;
    this.sum = 0;
    this.count = 0;
    this.phase = 0;
    this.queue = [];
    this.at = 0; // place in the queue, with a fraction
    this.running = false;
    this.energy = [0, 0];
    this.samples = 0;
    this.port.onmessage = ({ data }) => this.take(data);
  }

  take(data) {
    if (data === null) { this.queue = []; this.at = 0; this.running = false; return; }
    for (const sample of new Int16Array(data)) this.queue.push(sample / 32768);
    if (this.queue.length - this.at > MOST) { this.queue = this.queue.slice(-AHEAD); this.at = 0; }
    if (this.queue.length >= AHEAD) this.running = true;
  }

  process(inputs, outputs) {
    this.listen(inputs[0][0]);
    this.speak(outputs[0]);
    this.measure(outputs[0][0].length);
    return true;
  }

  // The mean over each telephone sample's time keeps most of what is above 4 kHz out.
  listen(input) {
    for (const sample of input ?? []) {
      this.energy[0] += sample * sample;
      this.sum += sample;
      this.count += 1;
      this.phase += 1;
      if (this.phase < this.ratio) continue;
      this.phase -= this.ratio;
      this.frame[this.filled++] = Math.max(-1, Math.min(1, this.sum / this.count)) * 32767;
      this.sum = this.count = 0;
      if (this.filled === FRAME) {
        this.port.postMessage({ frame: this.frame.slice().buffer });
        this.filled = 0;
      }
    }
  }

  speak(output) {
    const first = output[0];
    for (let index = 0; index < first.length; index++) {
      const place = Math.floor(this.at);
      if (!this.running || place + 1 >= this.queue.length) {
        this.running = false;
        first[index] = 0;
        continue;
      }
      const part = this.at - place;
      first[index] = this.queue[place] * (1 - part) + this.queue[place + 1] * part;
      this.energy[1] += first[index] * first[index];
      this.at += 1 / this.ratio;
    }
    const passed = Math.floor(this.at);
    if (passed > FRAME) { this.queue.splice(0, passed); this.at -= passed; }
    for (const other of output.slice(1)) other.set(first);
  }

  measure(length) {
    this.samples += length;
    if (this.samples < LEVELS_EVERY * sampleRate) return;
    this.port.postMessage({ levels: this.energy.map((sum) => Math.sqrt(sum / this.samples)) });
    this.energy = [0, 0];
    this.samples = 0;
  }
}

registerProcessor("phone", PhoneWorklet);
