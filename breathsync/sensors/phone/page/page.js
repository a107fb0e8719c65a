// Sends this phone's motion to the computer that served the page, and shows what it says.
"use strict";

const BATCH_MS = 100;
const MOST = 128;  // samples in a batch; a timer that was held back must not make one that the computer refuses
const SILENT_MS = 3000;
const KEEP = 300;
const DRAW_MS = matchMedia("(prefers-reduced-motion: reduce)").matches ? 1000 : BATCH_MS;
const OVER = 4000, TAKEN_OVER = 4001;
// Apple's phones tell acceleration with the sign turned round (face up: z is -9.8); all others as W3C wants it.
const APPLE = /iP(hone|ad|od)/.test(navigator.userAgent) || (/^Mac/.test(navigator.platform) && navigator.maxTouchPoints > 1);
const SIGN = APPLE ? -1 : 1;
const at = (id) => document.getElementById(id);
let socket = null, batch = empty(), lastMotion = 0, lastDrawn = 0, lock = null, trace = [], sending = 0;

function empty() { return { t: [], a: [], g: [] }; }

function state(text, on) {
  at("state").textContent = text;
  at("state").dataset.on = on ? "yes" : "no";
}

function say(text, lang) {
  at("say").textContent = text;
  at("say").lang = lang;
  speak();
}

function speak() {
  if (!at("speak").checked || !("speechSynthesis" in window)) return;
  const spoken = new SpeechSynthesisUtterance(at("say").textContent);
  spoken.lang = at("say").lang || "en";
  speechSynthesis.cancel();
  speechSynthesis.speak(spoken);
}

function connect() {
  socket = new WebSocket(new URL("motion", location.href.replace(/^http/, "ws")));
  socket.onopen = () => state("Connected", true);
  socket.onmessage = (event) => { const { say: text, lang } = JSON.parse(event.data); if (text) say(text, lang); };
  socket.onclose = ({ code }) => {
    if (code === OVER) return stop("It is over. You can close this page.");
    if (code === TAKEN_OVER) return stop("Another phone has taken over. Reload the page to come back.");
    state("Connection lost. Trying again.", false);
    setTimeout(connect, 1000);
  };
}

function stop(why) {
  state(why, false);
  window.removeEventListener("devicemotion", onMotion);
  clearInterval(sending);
  if (lock) lock.release();
}

function send(text) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(text);
}

function onMotion(event) {
  const a = event.accelerationIncludingGravity, g = event.rotationRate;
  if (!a || a.x === null) return;
  lastMotion = performance.now();
  batch.t.push(event.timeStamp);
  batch.a.push([SIGN * a.x, SIGN * a.y, SIGN * a.z]);
  if (batch.g && g && g.alpha !== null) batch.g.push([g.alpha, g.beta, g.gamma]); else batch.g = null;
  trace.push([a.x, a.y, a.z]);
  if (trace.length > KEEP) trace.shift();
  if (batch.t.length >= MOST) flush();
}

function flush() {
  if (batch.t.length) send(JSON.stringify(batch));
  else if (performance.now() - lastMotion > SILENT_MS) { send("no-motion"); lastMotion = performance.now(); }
  batch = empty();
  if (performance.now() - lastDrawn >= DRAW_MS) draw();
}

function draw() {
  lastDrawn = performance.now();
  const canvas = at("trace"), pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  if (trace.length < 2) return;
  // However the phone lies, the axis that moves most shows the breath best.
  const axes = [0, 1, 2].map((i) => trace.map((xyz) => xyz[i]));
  const spread = (values) => Math.max(...values) - Math.min(...values);
  const shown = axes.reduce((best, axis) => (spread(axis) > spread(best) ? axis : best));
  const low = Math.min(...shown), high = Math.max(...shown, low + 0.2);
  pen.strokeStyle = getComputedStyle(at("state")).color;
  pen.lineWidth = 2;
  pen.beginPath();
  shown.forEach((value, i) => pen.lineTo((i / KEEP) * canvas.width, canvas.height * (1 - (value - low) / (high - low))));
  pen.stroke();
}

async function stayAwake() {
  try { lock = await navigator.wakeLock.request("screen"); } catch { lock = null; }
  at("awake").hidden = lock !== null;
}

async function begin() {
  // iOS gives motion only after a question, and the question only after a tap.
  if (typeof DeviceMotionEvent !== "undefined" && DeviceMotionEvent.requestPermission) {
    if ((await DeviceMotionEvent.requestPermission()) !== "granted") {
      state("Motion was refused. Reload the page to be asked again.", false);
      return;
    }
  }
  at("start").hidden = true;
  at("trace").hidden = false;
  lastMotion = performance.now();
  window.addEventListener("devicemotion", onMotion);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") stayAwake(); else send("hidden");
  });
  await stayAwake();
  connect();
  sending = setInterval(flush, BATCH_MS);
}

at("speak").addEventListener("change", speak);  // a browser speaks only to whoever has tapped something
at("start").addEventListener("click", begin);
