/** @typedef {Node | string | number | null | undefined | false} Child */

const properties = new Set([
    "value", "checked", "disabled", "hidden", "muted", "autoplay", "playsInline", "open", "selected", "required",
    "readOnly", "crossOrigin", "tabIndex",
]);

/**
 * Creates an element. Text always becomes a text node, never markup.
 *
 * `on…` functions become listeners, `data` an element's data attributes, known properties are assigned, everything
 * else is an attribute; `null`, `undefined` and `false` leave an attribute out.
 *
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, any>} [attributes]
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes)) {
        if (name.startsWith("on") && typeof value === "function") {
            element.addEventListener(name.slice(2), value);
        } else if (name === "data") {
            for (const [key, text] of Object.entries(value)) {
                if (text !== undefined && text !== null) element.dataset[key] = String(text);
            }
        } else if (properties.has(name)) {
            /** @type {any} */ (element)[name] = value;
        } else if (value !== null && value !== undefined && value !== false) {
            element.setAttribute(name, value === true ? "" : String(value));
        }
    }
    element.append(...nodes(children));
    return element;
}

/**
 * Replaces everything inside an element.
 * @param {Element} element
 * @param {...(Child | Child[])} children
 */
export function fill(element, ...children) {
    element.replaceChildren(...nodes(children));
}

/**
 * Sets an element's text, leaving the node alone when nothing changed (a screen reader would read it again).
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
    if (element.textContent !== text) element.textContent = text;
}

let lastIdentifier = 0;

/**
 * An identifier for `for`, `aria-labelledby` and their like, unique in this page.
 * @param {string} prefix
 */
export function uniqueId(prefix) {
    lastIdentifier += 1;
    return `${prefix}-${lastIdentifier}`;
}

/**
 * @param {(Child | Child[])[]} children
 * @returns {(Node | string)[]}
 */
function nodes(children) {
    return children
        .flat()
        .filter((child) => child !== null && child !== undefined && child !== false)
        .map((child) => (child instanceof Node ? child : String(child)));
}
