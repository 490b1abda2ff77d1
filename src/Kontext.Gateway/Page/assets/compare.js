import { el } from "./dom.js";

/** Two pictures over each other, and a handle to draw the border between them; with keys, the arrows. */
export function compare(before, after, alt, ratio) {
    const box = el("div", { class: "compare", vars: { ratio } }, picture(after, alt));
    if (before) {
        const under = el("div", { class: "before" }, picture(before, ""));
        const handle = el("input", {
            type: "range",
            min: 0,
            max: 100,
            value: 50,
            "aria-label": "How much of the picture before to show, percent",
            oninput: () => box.style.setProperty("--split", `${handle.value}%`),
        });
        box.append(
            under,
            el("span", { class: "split", "aria-hidden": true }),
            tag("Before", "left"),
            tag("After", "right"),
            handle,
        );
        box.style.setProperty("--split", "50%");
    }
    return el("div", { class: "room" }, box);
}

/** A picture that fills its box; a small one in whole pixels, as it is. */
export function picture(url, alt) {
    const image = el("img", {
        alt,
        src: url,
        onload: () => image.classList.toggle("small", image.naturalWidth <= Small),
    });
    return image;
}

const Small = 160;
const tag = (text, side) => el("span", { class: `tag ${side}`, "aria-hidden": true }, text);
