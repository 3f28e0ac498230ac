// Flex's notifications: registered by id, shown by id. `content` is a key of the manager's strings, as in Flex.
import { html } from "../shared/dom.js";

export class Notifications {
  #known = new Map();

  constructor(manager) {
    this.manager = manager;
  }

  registerNotification = (notification) => void this.#known.set(notification.id, notification);

  showNotification = (id) => {
    const notification = this.#known.get(id);
    if (!notification) throw new Error(`Notification ${id} is not registered`);
    document.querySelector(`.notification[data-id="${id}"]`)?.remove();
    const text = this.manager.strings[notification.content] ?? notification.content;
    const close = () => bar.remove();
    const bar = html`<div class="notification ${notification.type ?? ""}" role="alert" data-testid="notification" data-id=${id}>
      <span class="grow">${text}</span>
      ${notification.closeButton && html`<button class="btn quiet small" type="button" aria-label="Close" onclick=${close}>✕</button>`}
    </div>`;
    document.body.append(bar);
    if (notification.timeout) setTimeout(close, notification.timeout);
  };

  dismissNotificationById = (id) => void document.querySelector(`.notification[data-id="${id}"]`)?.remove();
}
