import { $, el, put } from "./dom.js";
import { duration, memory } from "./format.js";

/** The live workers: what they are, what they have, and how full they are. */
export function show({ workers }) {
    put(
        $("workers"),
        workers.length === 0
            ? el(
                  "p",
                  { class: "soft" },
                  "No worker lives. Start one with ",
                  el("code", {}, "kontext serve --role worker"),
                  ".",
              )
            : el("ul", { class: "workers" }, workers.map(worker)),
    );
}

function worker(one) {
    return el(
        "li",
        {},
        el(
            "p",
            { class: "who" },
            el("strong", {}, one.host),
            el("code", {}, one.id),
            el(
                "span",
                { class: one.accepting ? "state good" : "state" },
                one.accepting ? "accepting" : "not accepting",
            ),
        ),
        el(
            "p",
            { class: "soft" },
            [
                one.device,
                one.memory_bytes && memory(one.memory_bytes),
                one.models.join(", "),
                `sizes up to ${one.largest_size.toUpperCase()}`,
                one.batches && `batches up to ${Math.max(...one.batches.map(({ size }) => size))}`,
                `up ${duration(Date.now() - new Date(one.started_at))}`,
            ]
                .filter(Boolean)
                .join(" · "),
        ),
        el("ul", { class: "slots" }, one.stages.map(stage)),
    );
}

function stage({ stage, slots, running, ms_per_step: speed }) {
    const text = `${running ?? "?"} of ${slots}${speed ? ` · ${duration(speed)} a step` : ""}`;
    return el(
        "li",
        {},
        el("span", { class: "stage-name" }, stage),
        el(
            "span",
            { class: `boxes ${stage}`, "aria-hidden": true },
            Array.from({ length: Math.min(slots, 16) }, (_, i) => el("i", { class: i < running ? "full" : null })),
        ),
        el("span", { class: "soft" }, text),
    );
}
