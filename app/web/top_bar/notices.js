// What Zendesk is to show, as the plugin passes it on. Pure. Accepting a call and selecting it follow each other at once, and each
// asks for the ticket: that is one wish.

const AT_ONCE = 3_000; // ms

/** `["ticket", "42"]`, `["user", "77"]`; nothing of what names neither. */
export function target({ ticket_id, user_id } = {}) {
  const named = [["ticket", ticket_id], ["user", user_id]].find(([, id]) => id !== null && id !== undefined);
  return named && Number.isSafeInteger(named[1]) && named[1] > 0 ? [named[0], String(named[1])] : undefined;
}

/** Whether a wish is a new one: the same for the same task, a moment later, is not. Who presses again and again is heard after that moment. */
export function memory() {
  let last = {};
  return ({ task_sid, ticket_id, user_id }, now) => {
    const what = JSON.stringify([task_sid, ticket_id, user_id]);
    const again = last.what === what && now - last.at < AT_ONCE;
    if (!again) last = { what, at: now };
    return !again;
  };
}
