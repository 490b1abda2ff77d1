import { picture } from "./compare.js";
import { $, el, put } from "./dom.js";
import { icon } from "./icons.js";
import { chosen, frame, frames, imageOf, isOver, number } from "./turns.js";
import { urlOf } from "./pictures.js";

const cells = new Map();

/** Where the picture of a frame is, if there is one yet. */
export async function pictureOf(one) {
    return one?.kind === "picture" ? urlOf(one.picture) : one?.kind === "turn" ? imageOf(one)?.url : undefined;
}

/** Shows the frames, in the order in which they came. What stays is left alone, so that the focus stays, too. */
export async function show({ choose, choosePicture, clear }) {
    const strip = $("filmstrip");
    if (!strip.hasChildNodes()) {
        strip.append(
            fixed("add", "Picture", choosePicture),
            fixed("blank", "From text", () => choose(null)),
            el("li", { id: "clear" }, el("button", { type: "button", class: "clear", onclick: clear }, "Clear")),
        );
        strip.addEventListener("keydown", move);
    }
    $("blank").firstChild.setAttribute("aria-pressed", String(!chosen()));
    $("clear").hidden = frames().length === 0;
    for (const [id, cell] of cells) {
        if (!frame(id)) {
            cell.remove();
            cells.delete(id);
        }
    }
    for (const one of frames()) {
        if (!cells.has(one.id)) {
            const cell = el("li", {}, el("button", { type: "button", class: "frame", onclick: () => choose(one.id) }));
            cells.set(one.id, cell);
            $("clear").before(cell);
        }
        await fill(cells.get(one.id), one);
    }
    cells.get(chosen()?.id)?.scrollIntoView({ block: "nearest", inline: "nearest" });
}

async function fill(cell, one) {
    const url = await pictureOf(one);
    const button = cell.firstChild;
    const from = one.kind === "turn" ? frame(one.from) : null;
    const status = one.trouble ? "failed" : one.view?.status;
    const waits = one.kind === "turn" && !one.trouble && !isOver(status);
    const text = one.kind === "picture" ? one.name : one.prompt;
    button.setAttribute("aria-pressed", String(chosen() === one));
    const key = [url, status, from && number(from), number(one)].join("|");
    if (cell.dataset.key === key) {
        return;
    }
    cell.dataset.key = key;
    button.title = text;
    put(
        button,
        url ? picture(url, "") : el("span", { class: waits ? "spin" : "none", "aria-hidden": true }, waits ? "" : "×"),
        el("span", { class: "number" }, from ? `${number(from)} → ${number(one)}` : `${number(one)}`),
        el("span", { class: "unseen" }, `${text}${url ? "" : `, ${waits ? "under way" : (status ?? "gone")}`}`),
    );
}

function fixed(id, text, onclick) {
    return el(
        "li",
        { id },
        el(
            "button",
            { type: "button", class: "frame fixed", onclick },
            icon(id === "add" ? "add" : "text"),
            el("span", {}, text),
        ),
    );
}

/** Arrows go from frame to frame. */
function move(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const buttons = [...$("filmstrip").querySelectorAll("button")];
    const next = buttons[buttons.indexOf(event.target) + step];
    if (next) {
        event.preventDefault();
        next.focus();
    }
}
