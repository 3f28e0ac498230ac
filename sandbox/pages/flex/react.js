// As much of React 17 as a thin plugin needs: elements, props, children, styles, refs. Plain tags and function
// components; no state, no hooks. A place renders one element and takes it down again.

export const React = {
  createElement(type, props, ...children) {
    const { key = null, ref = null, ...rest } = props ?? {};
    return { type, key, ref, props: { ...rest, children: children.flat(Infinity) } };
  },
};

/** Puts `element` into `place`; answers the function that removes it and tells its refs. */
export function mount(element, place) {
  const refs = [];
  const node = build(element, refs);
  place.append(node);
  for (const [ref, target] of refs) give(ref, target);
  return () => {
    for (const [ref] of refs) give(ref, null);
    node.remove();
  };
}

function build(element, refs) {
  if (element === null || element === undefined || typeof element === "boolean") return document.createTextNode("");
  if (typeof element !== "object") return document.createTextNode(String(element));
  const { type, ref, props } = element;
  if (typeof type === "function") return build(type(props), refs);
  const node = document.createElement(type);
  for (const [name, value] of Object.entries(props)) {
    if (name === "children" || value === undefined || value === null || value === false) continue;
    if (name === "style") Object.assign(node.style, value);
    else if (name === "className") node.className = value;
    else if (/^on[A-Z]/.test(name)) node.addEventListener(name.slice(2).toLowerCase(), value);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...props.children.map((child) => build(child, refs)));
  if (ref) refs.push([ref, node]);
  return node;
}

function give(ref, target) {
  if (typeof ref === "function") ref(target);
  else ref.current = target;
}
