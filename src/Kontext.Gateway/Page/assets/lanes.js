import { $, el, put } from "./dom.js";
import { count, duration } from "./format.js";

const Sizes = { s: "S", m: "M", l: "L" };
const Extents = { s: "up to 512 × 512", m: "up to a megapixel", l: "larger" };

/** A row for each model and stage; of its size classes those in which something is. */
export function show(lanes) {
    if (lanes.length === 0) {
        put($("lanes"), el("p", { class: "soft" }, "No worker has announced a lane."));
        return;
    }
    const rows = Map.groupBy(lanes, (lane) => `${lane.digest} ${lane.stage}`);
    const deepest = Math.max(
        8,
        ...[...rows.values()].map((group) => group.reduce((sum, lane) => sum + lane.waiting + lane.released, 0)),
    );
    put(
        $("lanes"),
        el(
            "table",
            {},
            el(
                "thead",
                {},
                el(
                    "tr",
                    {},
                    ["Lane", "Size", "Depth", "Waiting", "With workers", "Longest wait", "Workers"].map((name, i) =>
                        el("th", { scope: "col", class: i > 2 ? "number" : null }, name),
                    ),
                ),
            ),
            el(
                "tbody",
                {},
                [...rows.values()].map((group) => row(group, deepest)),
            ),
        ),
    );
}

function row(group, deepest) {
    const [{ model, stage }] = group;
    const waiting = sum(group, "waiting");
    const released = sum(group, "released");
    const workers = Math.max(...group.map((lane) => lane.workers));
    const slots = Math.max(...group.map((lane) => lane.slots));
    const unserved = group.some((lane) => lane.waiting > 0 && lane.workers === 0);
    return el(
        "tr",
        {},
        el(
            "th",
            { scope: "row" },
            el("span", { class: `stage-dot ${stage}` }),
            el("span", { class: "stage-name" }, stage),
            el("span", { class: "model" }, model),
        ),
        el(
            "td",
            { class: "sizes" },
            group.map((lane) => size(lane)),
        ),
        el(
            "td",
            { class: "depth" },
            el(
                "span",
                {
                    class: `bar-of ${stage}`,
                    "aria-hidden": true,
                    vars: { running: released / deepest, waiting: waiting / deepest },
                },
                el("i"),
                el("i"),
            ),
        ),
        el("td", { class: "number" }, `${waiting}`),
        el("td", { class: "number" }, `${released}`),
        el(
            "td",
            { class: "number" },
            waiting > 0 ? duration(Math.max(...group.map((lane) => lane.oldest_wait_ms))) : "–",
        ),
        el(
            "td",
            { class: "number" },
            unserved ? el("span", { class: "stale" }, "nobody serves it") : `${workers} · ${count(slots, "slot")}`,
        ),
    );
}

function size(lane) {
    const busy = lane.waiting + lane.released;
    return el(
        "span",
        { class: busy ? "chip busy" : "chip", title: Extents[lane.size] },
        busy ? `${Sizes[lane.size]} ${busy}` : Sizes[lane.size],
    );
}

const sum = (group, field) => group.reduce((all, lane) => all + lane[field], 0);
