import { $, el, put } from "./dom.js";
import { duration } from "./format.js";
import { frame, imageOf, indexOf, isOver, number } from "./turns.js";

let shown = "";

/** What is known of a turn, and what can be done with it. */
export function show(turn, actions) {
    const card = $("turn");
    card.hidden = turn?.kind !== "turn" || !turn.view;
    const key = card.hidden ? "" : [turn.id, turn.view.status, turn.image, turn.view.images.length].join("|");
    if (card.hidden || key === shown) {
        shown = key;
        return;
    }
    shown = key;
    const { view } = turn;
    const image = imageOf(turn);
    put(
        card,
        el("h2", { id: "turn-title" }, `Turn ${number(turn)}`),
        el("p", { class: "quote" }, turn.prompt),
        el(
            "dl",
            {},
            facts(turn, view, image).map(([name, value]) => el("div", {}, el("dt", {}, name), el("dd", {}, value))),
        ),
        el(
            "p",
            { class: "actions" },
            image && el("a", { class: "button", href: image.url, download: fileName(turn, image) }, "Download"),
            el("button", { type: "button", onclick: () => actions.curl(turn) }, "Copy as curl"),
            image && el("button", { type: "button", onclick: () => actions.seed(image.seed) }, "Use seed"),
            el("a", { class: "button", href: `#cluster/${view.id}` }, "Timeline"),
            isOver(view.status) && el("button", { type: "button", onclick: () => actions.again(turn) }, "Say it again"),
        ),
    );
}

function facts(turn, view, image) {
    const from = frame(turn.from);
    const ms = view.timings_ms;
    return [
        ["Status", view.status],
        ["From", from ? `frame ${number(from)}` : "text"],
        ["Model", view.model],
        ["Size", `${view.width} × ${view.height}`],
        ["Steps", `${view.steps}, guidance ${view.guidance}`],
        ["Seed", `${image?.seed ?? view.seed}`],
        [
            "Time",
            ms.total == null
                ? "–"
                : `${duration(ms.total)}${ms.denoise == null ? "" : `, of it ${duration(ms.denoise)} denoising`}`,
        ],
        ["Job", el("code", {}, view.id)],
    ];
}

const fileName = (turn, image) =>
    `kontext-${turn.view.id.slice(0, 8)}-${indexOf(turn, image)}.${turn.request?.format ?? "png"}`;
