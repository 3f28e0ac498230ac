// What apps `invoke`, and `client.request`: each really does what Zendesk does, as far as this workspace goes.
import { toast } from "../shared/dom.js";
import { unavailable } from "./zaf_host.js";

export function zafActions(workspace) {
  const topBarOnly = (instance, action) => {
    if (!workspace.topBar.has(instance)) throw unavailable(action);
    return workspace.topBar;
  };
  const actions = {
    resize: (instance, [size = {}]) => {
      const { width, height } = size;
      if (workspace.topBar.has(instance)) return workspace.topBar.resize(size);
      if (height !== undefined) instance.frame.style.height = css(height);
      if (width !== undefined && instance.location !== "background") instance.frame.style.width = css(width);
    },
    notify: (_, [text, kind = "notice", option = {}]) =>
      toast(String(text), kind, typeof option === "number" ? { duration: option } : { sticky: option?.sticky === true }),
    routeTo: (_, [where, id]) => {
      const here = { ticket: `/agent/tickets/${id}`, user: `/agent/users/${id}` }[where] === location.pathname;
      if (here) return; // it is shown already, and its apps stay as they are
      if (where === "ticket") workspace.go(id === "new" ? "tickets/new" : `tickets/${id}`);
      else if (where === "user") workspace.go(`users/${id}`);
      else throw unavailable("routeTo", `The workspace has no ${where} to go to`);
    },
    hide: ({ frame }) => void (frame.closest(".app") ?? frame).setAttribute("hidden", ""),
    show: ({ frame }) => void (frame.closest(".app") ?? frame).removeAttribute("hidden"),
    popover: (instance, [wish]) => topBarOnly(instance, "popover").popover(wish),
    preloadPane: (instance) => topBarOnly(instance, "preloadPane").preload(),
    track: () => undefined, // Zendesk's own SDK waits for the answer
    "ticket.disableSave": ({ subject }) => subject?.ticket?.allowSave(false),
    "ticket.enableSave": ({ subject }) => subject?.ticket?.allowSave(true),
    "ticket.tags.add": ({ subject }, tags) => subject?.ticket?.tag(tags.flat(), []),
    "ticket.tags.remove": ({ subject }, tags) => subject?.ticket?.tag([], tags.flat()),
    "comment.appendText": ({ subject }, [text]) => subject?.ticket?.append(String(text)),
    "instances.create": (instance, [facts]) => [workspace.tray.openModal(instance, facts)],
    destroy: (instance) => workspace.tray.destroy(instance),
  };
  const invoke = (instance, name, args = []) => {
    if (!Object.hasOwn(actions, name)) throw unavailable(name);
    return actions[name](instance, args);
  };
  return { invoke };
}

const css = (length) => (typeof length === "number" || /^\d+$/.test(length) ? `${length}px` : String(length));

/** `client.request`: the account's own API with the agent's session; anything else only straight from the browser. */
export function zafRequest(api) {
  return async ({ url = "", type = "GET", data, contentType, headers, cors, httpCompleteResponse }) => {
    const own = new URL(url, location.origin).origin === location.origin;
    if (!own && !cors) return failed(0, "This workspace has no proxy; use cors: true or the app's own server.");
    const get = type.toUpperCase() === "GET";
    const query = get && data ? `?${new URLSearchParams(data)}` : "";
    const body = get || data === undefined ? undefined : typeof data === "string" ? data : new URLSearchParams(data).toString();
    try {
      const options = { body, headers, type: body && (contentType ?? "application/x-www-form-urlencoded") };
      const answer = await (own ? api.raw(type, url + query, options) : straight(type, url + query, options));
      return read(answer, httpCompleteResponse);
    } catch {
      return failed(0, "");
    }
  };
}

function straight(method, url, { body, headers, type }) {
  const content = type ? { "Content-Type": type } : {};
  return fetch(url, { method, body, headers: { ...content, ...headers } });
}

async function read(answer, complete) {
  const responseText = await answer.text();
  let responseJSON;
  try {
    responseJSON = JSON.parse(responseText);
  } catch {
    // not JSON: the text alone
  }
  const xhr = { readyState: 4, status: answer.status, statusText: answer.statusText, responseText, responseJSON };
  const body = responseJSON ?? responseText;
  if (!answer.ok) return { ok: false, responseArgs: [xhr, "error", answer.statusText] };
  const headers = [...answer.headers].map(([name, value]) => `${name}: ${value}`).join("\r\n");
  return { ok: true, responseArgs: complete ? [{ ...xhr, headers }] : [body, "success", xhr] };
}

function failed(status, responseText) {
  return { ok: false, responseArgs: [{ readyState: 4, status, statusText: "error", responseText }, "error", "error"] };
}
