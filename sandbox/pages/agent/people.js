// Choosing a customer: a dialog with a search over the account's end users.
import { avatar, fill, h } from "../shared/dom.js";

/** Resolves with the chosen user, or with nothing. */
export async function chooseCustomer(workspace) {
  const { words } = workspace;
  const customers = await workspace.api.customers();
  workspace.know(customers);
  return new Promise((resolve) => {
    const rows = h("ul", { class: "people-rows" });
    const search = h("input", { class: "field", type: "search", placeholder: words.pick, "aria-label": words.pick, oninput: () => draw(search.value), "data-testid": "person-search" });
    const dialog = h("dialog", { class: "people", "aria-label": words.pick, onclose: () => (dialog.remove(), resolve(undefined)) }, search, rows);
    const choose = (user) => (resolve(user), dialog.close());
    function draw(query) {
      const matches = customers.filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(query.toLowerCase()));
      fill(rows, matches.slice(0, 60).map((user) =>
        h("li", {}, h("button", { class: "person row", type: "button", onclick: () => choose(user), "data-testid": `person-${user.id}` }, avatar(user.name, 24),
          h("span", { class: "grow column" }, h("span", { class: "clip" }, user.name), h("span", { class: "small subtle clip" }, user.email ?? user.phone ?? ""))))),
        matches.length === 0 && h("li", { class: "empty subtle" }, words.nothing));
    }
    draw("");
    document.body.append(dialog);
    dialog.addEventListener("click", ({ target }) => target === dialog && dialog.close());
    dialog.showModal();
    search.focus();
  });
}
