// What apps `get` and `set`: the paths of ZAF's Support API, read from what the workspace shows, unsaved changes included.
import { unavailable } from "./zaf_host.js";

/** `workspace` says what is on screen; see workspace.js. */
export function zafData(workspace) {
  async function get(instance, path) {
    const [root, ...steps] = path.split(".");
    if (path === "colorScheme") return workspace.scheme;
    if (path === "currentAccount" || root === "currentAccount") return walk(path, account(workspace), steps);
    if (root === "currentUser") return walk(path, person(workspace.agent), steps);
    if (root === "instances") return instances(instance.host, path, steps);
    const subject = instance.subject;
    if (root === "ticket" && subject?.ticket) return walk(path, await ticket(workspace, subject.ticket), steps);
    if (root === "user" && subject?.user) return walk(path, person(subject.user), steps);
    if (root === "comment" && subject?.ticket) return walk(path, comment(subject.ticket), steps);
    throw unavailable(path);
  }

  async function set(instance, path, value) {
    const draft = instance.subject?.ticket;
    if (draft && path === "ticket.subject") draft.change({ subject: String(value) });
    else if (draft && path === "ticket.requester") await draft.chooseRequester(value?.id ?? value);
    else if (draft && path === "comment.text") draft.write(String(value));
    else if (path === "iconSymbol" && workspace.topBar.has(instance)) workspace.topBar.symbol(String(value));
    else throw unavailable(path, `${path} cannot be set here`);
    return value;
  }

  return { get, set };
}

/** Walks `a.b.c`; `customField:<key>` is one step of its own kind. */
function walk(path, value, steps) {
  for (const step of steps) {
    if (value === null || value === undefined) throw unavailable(path);
    if (step.startsWith("customField:")) value = value.customFields?.[step.slice("customField:".length)] ?? null;
    else if (Object.hasOwn(Object(value), step)) value = value[step];
    else throw unavailable(path);
  }
  const { customFields: _, ...shown } = Object(value);
  return value !== null && typeof value === "object" && !Array.isArray(value) ? shown : value;
}

function instances(host, path, [guid]) {
  const all = Object.fromEntries(host.instances.map((one) => [one.guid, one.context]));
  if (guid === undefined) return all;
  if (!(guid in all)) throw unavailable(path);
  return all[guid];
}

const TIME_ZONE = { ianaName: "Asia/Tokyo" };

const account = ({ config }) => ({ subdomain: config.subdomain, planName: "Enterprise", timeZone: TIME_ZONE });

function person(user) {
  if (!user) return null;
  const { email = null, phone = null } = user;
  return {
    id: user.id,
    name: user.name,
    email,
    externalId: user.external_id ?? null,
    role: user.role,
    locale: user.locale ?? "en-US",
    timeZone: user.iana_time_zone ? { ianaName: user.iana_time_zone } : TIME_ZONE,
    avatarUrl: null,
    alias: user.alias ?? "",
    details: user.details ?? "",
    notes: user.notes ?? "",
    signature: user.signature ?? "",
    tags: user.tags ?? [],
    groups: [],
    organizations: idOf(user.organization_id) ? [idOf(user.organization_id)] : [],
    identities: [{ type: "email", value: email }, { type: "phone_number", value: phone }].filter(({ value }) => value),
    customFields: user.user_fields ?? {},
  };
}

async function ticket(workspace, draft) {
  const { merged, comments } = draft;
  const [requester, assignee] = await workspace.people([merged.requester_id, merged.assignee_id]);
  return {
    id: merged.id ?? null,
    isNew: !merged.id,
    subject: merged.subject ?? "",
    description: merged.description ?? "",
    status: merged.status ?? "new",
    type: merged.type ?? null,
    priority: merged.priority ?? null,
    tags: merged.tags ?? [],
    externalId: merged.external_id ?? null,
    createdAt: merged.created_at ?? null,
    updatedAt: merged.updated_at ?? null,
    requester: person(requester),
    assignee: { user: person(assignee), group: idOf(merged.group_id) },
    organization: idOf(merged.organization_id),
    brand: idOf(merged.brand_id),
    form: idOf(merged.ticket_form_id),
    comments: comments.map(shownComment),
    comment: comment(draft),
    customFields: Object.fromEntries((merged.custom_fields ?? []).map(({ id, value }) => [`custom_field_${id}`, value])),
  };
}

const idOf = (id) => (id ? { id } : null);

function shownComment({ id, author_id, html_body, attachments = [] }) {
  const files = attachments.map(fileOf);
  const isImage = ({ contentType }) => String(contentType).startsWith("image/");
  return {
    id,
    author: { id: author_id },
    value: html_body,
    imageAttachments: files.filter(isImage),
    nonImageAttachments: files.filter((file) => !isImage(file)),
  };
}

const comment = (draft) => ({
  text: draft.text(),
  type: draft.isPublic() ? "publicReply" : "internalNote",
  attachments: draft.uploads().map(({ attachment }) => fileOf(attachment)),
});

const fileOf = ({ file_name, content_url, content_type }) => ({
  filename: file_name,
  contentUrl: content_url,
  contentType: content_type,
});
