// The knobs below the desktop: which call comes in, and what Flex hands to plugins.
import { html } from "../shared/dom.js";
import { CALLERS, CHANNELS, GATHERED } from "./tasks.js";

/** `workers` may sign in here; the one with `sid` has. */
export function simulator({ dialpad, renew, ring, sidOnly, worker }, workers, sid) {
  const chosen = { gathered: GATHERED[0][1], caller: CALLERS[0][1], channel: CHANNELS[0][1] };
  const knob = (name, label, choices) => {
    const choose = ({ target }) => void (chosen[name] = choices[target.value][1]);
    const option = ([text], index) => html`<option value=${index}>${text}</option>`;
    return html`<label class="small">
      <span class="subtle">${label}</span>
      <select class="field" data-testid=${name} onchange=${choose}>${choices.map(option)}</select>
    </label>`;
  };
  const person = ({ name, full_name, sid: own }) =>
    html`<option value=${name} selected=${own === sid}>${full_name}</option>`;
  return html`<div class="knobs row">
    <b>Simulator</b>
    <label class="small">
      <span class="subtle">Worker</span>
      <select class="field" data-testid="worker" onchange=${({ target }) => worker(target.value)}>
        ${workers.map(person)}
      </select>
    </label>
    ${knob("gathered", "zd_ticket_id", GATHERED)} ${knob("caller", "Caller", CALLERS)} ${knob("channel", "Channel", CHANNELS)}
    <button class="btn primary" type="button" data-testid="ring" onclick=${() => void ring(chosen)}>Ring</button>
    <label class="row small">
      <input type="checkbox" data-testid="sid-only" onchange=${({ target }) => sidOnly(target.checked)} />
      Payloads with only a sid
    </label>
    <label class="row small">
      <input type="checkbox" checked data-testid="dialpad" onchange=${({ target }) => dialpad(target.checked)} />
      Dialpad
    </label>
    <button class="btn small" type="button" data-testid="renew-token" onclick=${() => void renew()}>Renew token</button>
  </div>`;
}
