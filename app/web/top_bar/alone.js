// One Flex in one browser: an agent has many Zendesk tabs, and a call must not ring in each. Whoever holds the lock has Flex; it
// goes to the next tab when its tab is closed, or to the one where the agent asks for it.

const NAME = "deskside-flex";
const forEver = () => new Promise(() => {});

/**
 * `have(storage)`: Flex is ours. `lack(take)`: another tab has it; `take()` takes it from there. Each may be called again. Where the
 * browser keeps nothing for frames of another site there are no locks, `storage` is false, and Flex has a hard time itself.
 */
export function alone(have, lack) {
  const { locks } = navigator;
  if (!locks) return have(true); // an old browser, or a page without TLS: better twice than never

  const hold = (lock) => (lock ? (have(true), forEver()) : wait());
  const lost = (error) => {
    if (error?.name === "SecurityError") return have(false);
    if (error?.name !== "AbortError") throw error; // ours, and to be seen
    return wait(); // the agent took it elsewhere
  };

  function wait() {
    const queue = new AbortController();
    locks.request(NAME, { signal: queue.signal }, hold).catch((error) => queue.signal.aborted || lost(error));
    lack(() => {
      queue.abort();
      locks.request(NAME, { steal: true }, hold).catch(lost);
    });
  }
  return locks.request(NAME, { ifAvailable: true }, hold).catch(lost);
}
