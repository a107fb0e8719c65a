// Print every breath and every gate of the session that `breathsync serve` runs.
//
//     node examples/breaths.mjs TOKEN-FILE [PORT]
//
// Node 22 or newer; Node 20 and 21 with --experimental-websocket. This WebSocket cannot set headers, so the token goes
// as a subprotocol. A web page cannot do this: the service lets in nobody who sends an Origin.
import { readFileSync } from "node:fs";

const [tokenFile, port = "8787"] = process.argv.slice(2);
const token = readFileSync(tokenFile, "utf8");
const service = new WebSocket(`ws://127.0.0.1:${port}`, ["breathsync", `breathsync.token.${token}`]);

service.onmessage = ({ data }) => {
  const message = JSON.parse(data);
  switch (message.type) {
    case "hello":
      console.log(`breathsync ${message.breathsync}, a session runs: ${message.running}`);
      break;
    case "breath_ended":
      console.log(`${message.breath.inhale_peak_s.toFixed(1)} s  ${message.breath.amplitude.toFixed(2)} ${message.breath.unit}`);
      break;
    case "verdict":
      console.log(message.opened ? "gate opened" : `not yet: ${message.sentence}`);
      break;
    case "ended":
      console.log(`session ${message.how}`);
      service.close();
  }
};
service.onerror = () => { console.error("The service cannot be reached, or does not know the token."); process.exitCode = 1; };
