// One task, twice: small in the list, large in the canvas.
import { html, icon } from "../shared/dom.js";
import { CALLERS, isOutbound } from "./tasks.js";

const PHONE = "M5 2L3 3c0 6 4 10 10 10l1-2-3-2-1.5 1.5C8 10 6 8 5.5 6.5L7 5z";
const BUBBLE = "M2 3h12v8H6l-3 3v-3H2z";

export function card(task, selected, { accept, answered, cancel, reject, select, unanswered }) {
  const button = (kind, id, text, action) =>
    html`<button class="btn small ${kind}" type="button" data-testid=${id} onclick=${() => action(task)}>${text}</button>`;
  return html`<li>
    <div class="task ${task.status}" aria-current=${selected && "true"} data-testid="task-${task.status}"
      data-task=${task.taskSid}>
      <button class="task-open row" type="button" onclick=${() => select(task)}>
        <span class="task-mark">${channelIcon(task)}</span>
        <span class="grow column">
          <span class="clip strong">${nameOf(task)}</span>
          <span class="small subtle clip">${phaseOf(task)} · ${typedIn(task)}</span>
        </span>
        <span class="small num subtle" data-since=${task.dateUpdated.getTime()}></span>
      </button>
      ${task.status === "pending" &&
      html`<div class="row task-answer">
        ${isOutbound(task)
          ? [button("go", "answers", "Answers", answered), button("quiet", "no-answer", "No answer", unanswered)]
          : [
              button("go", "accept", "Accept", accept), button("", "reject", "Reject", reject),
              button("quiet", "gives-up", "Gives up", cancel),
            ]}
      </div>`}
    </div>
  </li>`;
}

export function canvas(task, { hangUp, complete, select }) {
  if (!task) return html`<p class="empty subtle">No task selected</p>`;
  const button = (kind, id, text, action) =>
    html`<button class="btn ${kind}" type="button" data-testid=${id} onclick=${() => action(task)}>${text}</button>`;
  return [
    html`<header class="row">
      <h2 class="grow clip num">${nameOf(task)}</h2>
      <button class="btn quiet small" type="button" title="Deselect" aria-label="Deselect" data-testid="deselect"
        onclick=${() => select(undefined)}>✕</button>
    </header>`,
    html`<div class="call ${task.status}">
      <span class="task-mark large">${channelIcon(task, 28)}</span>
      <p class="strong">${phaseOf(task)}</p>
      <p class="num subtle" data-since=${task.dateUpdated.getTime()}></p>
      ${task.status === "accepted" && button("danger", "hang-up", "Hang up", hangUp)}
      ${task.status === "wrapping" && button("primary", "complete", "Complete", complete)}
    </div>`,
    html`<details class="attributes" open>
      <summary class="small subtle">Attributes</summary>
      <pre>${JSON.stringify(task.attributes, null, 2)}</pre>
    </details>`,
  ];
}

const nameOf = ({ defaultFrom }) => CALLERS.find(([, number]) => number === defaultFrom)?.[0] ?? defaultFrom;

const phaseOf = ({ status, ...task }) =>
  status === "pending" && isOutbound(task) ? "Dialling" : ({ pending: "Ringing", accepted: "Live", wrapping: "Wrapping up" })[status] ?? status;

const typedIn = ({ attributes: { zd_ticket_id: typed } }) =>
  typed === undefined ? "nothing typed" : `typed ${JSON.stringify(typed)}`;

const channelIcon = ({ channelType }, size) => icon(channelType === "voice" ? PHONE : BUBBLE, size);
