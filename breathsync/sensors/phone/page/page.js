// Sends this phone's motion to the computer that served the page, and shows what it says.
"use strict";

const BATCH_MS = 100;
const SILENT_MS = 3000;
const KEEP = 300;
const at = (id) => document.getElementById(id);
let socket = null, batch = empty(), lastMotion = 0, lock = null, trace = [];

function empty() { return { t: [], a: [], g: [] }; }

function state(text, on) {
  at("state").textContent = text;
  at("state").dataset.on = on ? "yes" : "no";
}

function say(text) {
  at("say").textContent = text;
  if (at("speak").checked && "speechSynthesis" in window) {
    speechSynthesis.cancel();
    speechSynthesis.speak(new SpeechSynthesisUtterance(text));
  }
}

function connect() {
  socket = new WebSocket(new URL("motion", location.href.replace(/^http/, "ws")));
  socket.onopen = () => state("Connected. Tuck me in.", true);
  socket.onmessage = (event) => { const { say: text } = JSON.parse(event.data); if (text) say(text); };
  socket.onclose = () => { state("Connection lost. Trying again.", false); setTimeout(connect, 1000); };
}

function send(text) {
  if (socket && socket.readyState === WebSocket.OPEN) socket.send(text);
}

function onMotion(event) {
  const a = event.accelerationIncludingGravity, g = event.rotationRate;
  if (!a || a.x === null) return;
  lastMotion = performance.now();
  batch.t.push(event.timeStamp);
  batch.a.push([a.x, a.y, a.z]);
  if (batch.g && g && g.alpha !== null) batch.g.push([g.alpha, g.beta, g.gamma]); else batch.g = null;
  trace.push(Math.hypot(a.x, a.z) * Math.sign(a.z || 1));
  if (trace.length > KEEP) trace.shift();
}

function flush() {
  if (batch.t.length) send(JSON.stringify(batch));
  else if (performance.now() - lastMotion > SILENT_MS) { send("no-motion"); lastMotion = performance.now(); }
  batch = empty();
  draw();
}

function draw() {
  const canvas = at("trace"), pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  if (trace.length < 2) return;
  const low = Math.min(...trace), high = Math.max(...trace, low + 0.2);
  pen.strokeStyle = getComputedStyle(at("state")).color;
  pen.lineWidth = 2;
  pen.beginPath();
  trace.forEach((value, i) => pen.lineTo((i / KEEP) * canvas.width, canvas.height * (1 - (value - low) / (high - low))));
  pen.stroke();
}

async function stayAwake() {
  try { lock = await navigator.wakeLock.request("screen"); } catch { lock = null; }
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
  lastMotion = performance.now();
  window.addEventListener("devicemotion", onMotion);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") stayAwake(); else send("hidden");
  });
  await stayAwake();
  connect();
  setInterval(flush, BATCH_MS);
}

at("start").addEventListener("click", begin);
