import { $, el, put } from "./dom.js";

/** Shows what went wrong, what to do about it and the code that names it. */
export function show(error) {
    if (error.name === "AbortError") {
        return;
    }
    const box = $("problem");
    box.hidden = false;
    put(
        box,
        el(
            "div",
            {},
            el("strong", {}, error.message),
            error.advice && el("p", {}, error.advice),
            error.code && el("code", {}, error.code),
        ),
        el("button", { type: "button", "aria-label": "Close this message", onclick: hide }, "×"),
    );
    if (!error.status && !error.advice) {
        console.error(error);
    }
}

export function hide() {
    $("problem").hidden = true;
}
