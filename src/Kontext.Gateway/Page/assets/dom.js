/** Makes an element. Text is always text: nothing that comes from data is ever read as HTML. */
export function el(tag, properties = {}, ...children) {
    return fill(document.createElement(tag), properties, children);
}

/** Makes an element of SVG. */
export function svg(tag, attributes = {}, ...children) {
    const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) {
        node.setAttribute(name, value);
    }
    node.append(...children);
    return node;
}

/** The element of an id. */
export const $ = (id) => document.getElementById(id);

/** Puts these in the place of whatever is inside. */
export function put(node, ...children) {
    node.replaceChildren(...children.flat().filter((child) => child != null && child !== false));
    return node;
}

/** Text for those who hear the page rather than see it. */
export function say(text) {
    const said = $("said");
    if (said.textContent !== text) {
        said.textContent = text;
    }
}

function fill(node, properties, children) {
    for (const [name, value] of Object.entries(properties)) {
        if (value == null || value === false) {
            continue;
        }
        if (name.startsWith("on")) {
            node.addEventListener(name.slice(2), value);
        } else if (name === "vars") {
            // Through the object model: the page's policy refuses style attributes.
            Object.entries(value).forEach(([key, number]) => node.style.setProperty(`--${key}`, number));
        } else if (name === "class") {
            node.className = value;
        } else {
            node.setAttribute(name, value === true ? "" : value);
        }
    }
    node.append(...children.flat().filter((child) => child != null && child !== false));
    return node;
}
