import { $, el, put, svg } from "./dom.js";
import { count, duration } from "./format.js";

/** A minute of looks, one a second. */
const Kept = 60;
const past = [];

/** What matters first, in large: who works, what runs, what waits, and how that went in the last minute. */
export function show({ workers, lanes }) {
    const slots = workers
        .flatMap((worker) => worker.stages.map((stage) => stage.slots))
        .reduce((sum, one) => sum + one, 0);
    const running = sum(lanes, "released");
    const waiting = sum(lanes, "waiting");
    const oldest = Math.max(0, ...lanes.map((lane) => lane.oldest_wait_ms));
    past.push({ running, waiting });
    past.splice(0, past.length - Kept);
    const accepting = workers.filter((worker) => worker.accepting).length;
    put(
        $("figures"),
        figure(
            "Workers",
            accepting,
            accepting === workers.length ? count(slots, "slot") : `${workers.length - accepting} not accepting`,
        ),
        figure("With workers", running, "tasks"),
        figure("Waiting", waiting, "tasks"),
        figure("Longest wait", waiting > 0 ? duration(oldest) : "–", "of what waits now"),
        el("div", { class: "figure chart" }, el("span", { class: "name" }, "Last minute"), chart()),
    );
}

function chart() {
    const top = Math.max(4, ...past.map((one) => one.running + one.waiting));
    const x = (i) => (100 * (Kept - past.length + i)) / (Kept - 1);
    const area = (height) =>
        `M${x(0)},40 ${past.map((one, i) => `L${x(i)},${40 - (38 * height(one)) / top}`).join(" ")} L${x(past.length - 1)},40 Z`;
    return svg(
        "svg",
        {
            viewBox: "0 0 100 40",
            preserveAspectRatio: "none",
            role: "img",
            "aria-label": `Tasks in the last minute, at most ${Math.max(0, ...past.map((one) => one.running + one.waiting))} at a time`,
        },
        svg("path", { class: "waiting", d: area((one) => one.running + one.waiting) }),
        svg("path", { class: "running", d: area((one) => one.running) }),
    );
}

function figure(name, value, note) {
    return el(
        "div",
        { class: "figure" },
        el("span", { class: "name" }, name),
        el("strong", {}, `${value}`),
        el("span", { class: "note" }, note),
    );
}

const sum = (lanes, field) => lanes.reduce((all, lane) => all + lane[field], 0);
