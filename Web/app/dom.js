// Builds DOM nodes. Strings always become text nodes, so no data can turn into markup.

const SVG_NAMESPACE = 'http://www.w3.org/2000/svg';

/** Creates an element: `h('a', { href, class, onclick }, 'text', child)`. Null children are skipped. */
export function h(tag, props, ...children) {
  return fill(document.createElement(tag), props, children);
}

/** Creates an SVG element. Sizes are attributes: inline styles would breach the content policy. */
export function svg(tag, props, ...children) {
  return fill(document.createElementNS(SVG_NAMESPACE, tag), props, children);
}

/** Replaces what `node` holds. */
export function replace(node, ...children) {
  node.replaceChildren(...usable(children));
  return node;
}

function fill(node, props, children) {
  for (const [name, value] of Object.entries(props ?? {})) setProperty(node, name, value);
  node.append(...usable(children));
  return node;
}

function usable(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false);
}

function setProperty(node, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name.startsWith('on')) node.addEventListener(name.slice(2), value);
  else if (name === 'class') node.setAttribute('class', value);
  else if (name === 'value' && 'value' in node) node.value = value;
  // Custom elements take their data as a property.
  else if (name.startsWith('.')) node[name.slice(1)] = value;
  else node.setAttribute(name, value === true ? '' : String(value));
}

/** True while the user is typing, so that single-letter shortcuts keep out of the way. */
export function isTyping(event) {
  const target = event.target;
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName))
  );
}

/** Calls `action` once the calls have paused for `delay` milliseconds. */
export function debounce(action, delay) {
  let timer;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => action(...values), delay);
  };
}
