// Elements of a page. Text is always text: no string is ever read as HTML.

/** An element: make("button", { class: "wb-button", title: "Play", onclick: play }, "Play"). */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name in element && typeof value !== "string") element[name] = value;
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== null));
  return element;
}

/** Other children, and none of the old ones. */
export function fill(element, ...children) {
  element.replaceChildren(...children.filter((child) => child !== undefined && child !== null));
}

/** Bytes of a trait or of a message's buffer, however they came. */
export function bytesOf(value) {
  if (!value) return new Uint8Array();
  return new Uint8Array(value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength));
}

/** A function that runs once things have been quiet for so long. */
export function calmly(milliseconds, action) {
  let waiting = 0;
  return (...given) => {
    clearTimeout(waiting);
    waiting = setTimeout(() => action(...given), milliseconds);
  };
}

/**
 * Keeps JupyterLab from keys that nobody in here stops: X on a button would cut the cell, an arrow on a slider go to
 * another cell. Its shortcuts match ":focus", so that the very element with the focus must say no; one above is too late.
 */
export function ownKeys(root) {
  root.addEventListener("focusin", (event) => event.target.setAttribute("data-lm-suppress-shortcuts", "true"));
}

/**
 * Calls `action` now, and whenever the page's theme changes; gives the function that ends it.
 * JupyterLab hides the whole page while it changes its theme, and shows it again in the next frame: only then do parts have sizes.
 */
export function withTheme(action) {
  let frame = 0;
  const observer = new MutationObserver(() => {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => action());
  });
  observer.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-name", "data-jp-theme-light", "class"] });
  action();
  return () => {
    observer.disconnect();
    cancelAnimationFrame(frame);
  };
}

/** Calls `hear(message, buffers)` for each message of the kernel; gives the function that ends it. */
export function onMessage(model, hear) {
  const heard = (message, buffers) => {
    try {
      hear(message, buffers);
    } catch (error) {
      console.error(error); // the page's own queue of messages would swallow it
      throw error;
    }
  };
  model.on("msg:custom", heard);
  return () => model.off("msg:custom", heard);
}
