import { svg } from "./dom.js";

const Paths = {
    add: "M12 5v14M5 12h14",
    text: "M6 7V5h12v2M12 5v14M9 19h6",
    picture: "M4 5h16v14H4zM4 16l5-5 4 4 3-3 4 4M15.5 9.5h.01",
    dice: "M5 5h14v14H5zM9 9h.01M15 15h.01M15 9h.01M9 15h.01",
};

/** A drawing beside words that say the same. */
export function icon(name) {
    return svg(
        "svg",
        { class: "icon", viewBox: "0 0 24 24", width: 22, height: 22, "aria-hidden": "true" },
        svg("path", {
            d: Paths[name],
            fill: "none",
            stroke: "currentColor",
            "stroke-width": 2,
            "stroke-linecap": "round",
            "stroke-linejoin": "round",
        }),
    );
}
