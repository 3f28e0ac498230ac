// Choosing a customer: a dialog with a search over the account's end users.
import { avatar, fill, html } from "../shared/dom.js";

const SHOWN = 60;

/** Resolves with the chosen user, or with nothing. */
export async function chooseCustomer(workspace) {
  const { words } = workspace;
  const customers = await workspace.api.customers();
  workspace.know(customers);
  return new Promise((resolve) => {
    const rows = html`<ul class="people-rows"></ul>`;
    const search = html`<input class="field" type="search" placeholder=${words.pick} aria-label=${words.pick}
      data-testid="person-search" oninput=${({ target }) => draw(target.value)} />`;
    const closed = () => {
      dialog.remove();
      resolve(undefined);
    };
    const outside = ({ target }) => target === dialog && dialog.close();
    const dialog = html`<dialog class="people" aria-label=${words.pick} onclose=${closed} onclick=${outside}>
      ${search}${rows}
    </dialog>`;
    const choose = (user) => {
      resolve(user);
      dialog.close();
    };
    const row = (user) => html`<li>
      <button class="person row" type="button" data-testid="person-${user.id}" onclick=${() => choose(user)}>
        ${avatar(user.name, 24)}
        <span class="grow column">
          <span class="clip">${user.name}</span>
          <span class="small subtle clip">${user.email ?? user.phone}</span>
        </span>
      </button>
    </li>`;
    function draw(query) {
      const wanted = ({ name, email }) => `${name} ${email}`.toLowerCase().includes(query.toLowerCase());
      const matches = customers.filter(wanted).slice(0, SHOWN);
      fill(rows, matches.map(row), matches.length === 0 && html`<li class="empty subtle">${words.nothing}</li>`);
    }
    draw("");
    document.body.append(dialog);
    dialog.showModal();
    search.focus();
  });
}
