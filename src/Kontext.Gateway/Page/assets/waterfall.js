import { Problem, timeline } from "./api.js";
import { $, el, put } from "./dom.js";
import { duration } from "./format.js";

/** Where the tick marks may be: the first of these that leaves five or fewer. */
const Ticks = [1, 2, 5]
    .flatMap((one) => [one, one * 10, one * 100, one * 1000, one * 10_000, one * 100_000, one * 1_000_000])
    .sort((a, b) => a - b);
let last = "";

/** Shows what was done for a job, when and by whom. */
export async function show(id) {
    if (!id) {
        last = "";
        put($("timeline"), el("p", { class: "soft" }, "Choose a job to see where its time went."));
        return;
    }
    try {
        const found = await timeline(id);
        const text = JSON.stringify(found);
        // One that is over stays as it is: who reads it is not disturbed.
        if (text !== last || !found.finished_at) {
            last = text;
            put($("timeline"), head(found), found.tasks.length > 0 && table(found));
        }
    } catch (error) {
        if (!(error instanceof Problem)) {
            throw error;
        }
        last = "";
        put($("timeline"), el("p", { class: "soft" }, error.message));
    }
}

function head(job) {
    const [worker, other] = [...new Set(job.tasks.map(who).filter((text, i) => text && job.tasks[i].device))];
    return el(
        "p",
        { class: "soft" },
        el("code", {}, job.id),
        ` · ${job.status} · ${duration(job.device_ms)} of device time`,
        worker && !other && ` · ${worker}`,
    );
}

const who = (task) => [task.worker, task.device].filter(Boolean).join(" · ");

function table(job) {
    const start = new Date(job.created_at).getTime();
    const moments = job.tasks
        .flatMap((task) => [task.queued_at, task.released_at, task.started_at, task.finished_at])
        .filter(Boolean);
    const isOne = new Set(job.tasks.map((task) => task.worker).filter(Boolean)).size < 2;
    const end = job.finished_at
        ? Math.max(...[job.finished_at, ...moments].map((time) => new Date(time).getTime()))
        : Date.now();
    const span = Math.max(end - start, 1);
    const at = (time) => Math.min(100, Math.max(0, (100 * (new Date(time).getTime() - start)) / span));
    return el(
        "table",
        { class: "waterfall" },
        el(
            "thead",
            {},
            el(
                "tr",
                {},
                el("th", { scope: "col" }, "Task"),
                el("th", { scope: "col", class: "axis" }, el("span", { class: "unseen" }, "When"), ticks(span)),
                el("th", { scope: "col", class: "number" }, "Waited"),
                el("th", { scope: "col", class: "number" }, "Took"),
            ),
        ),
        el(
            "tbody",
            {},
            job.tasks.map((task) => row(task, at, end, isOne)),
        ),
    );
}

function row(task, at, end, isOne) {
    const until = task.finished_at ?? (task.state === "running" ? end : null);
    const waitedUntil = task.started_at ?? (["waiting", "released"].includes(task.state) ? end : task.queued_at);
    const waits = task.queued_at ? between(task.queued_at, waitedUntil) : null;
    const took = task.started_at && until ? between(task.started_at, until) : null;
    const all = [
        who(task),
        task.device_ms > 0 && `${duration(task.device_ms)} on the device`,
        task.step != null && `step ${task.step}`,
    ]
        .filter(Boolean)
        .join(" · ");
    return el(
        "tr",
        { title: all || null },
        el(
            "th",
            { scope: "row" },
            el("span", { class: "stage-name" }, task.image == null ? task.stage : `${task.stage} ${task.image + 1}`),
            task.attempts > 1 && el("span", { class: "chip again" }, `attempt ${task.attempts}`),
            !isOne && task.worker && el("span", { class: "who-did" }, who(task)),
        ),
        el(
            "td",
            { class: "track" },
            task.queued_at &&
                el("i", { class: `wait ${task.stage}`, vars: { from: at(task.queued_at), to: at(waitedUntil) } }),
            took != null &&
                el("i", {
                    class: `took ${task.stage}${task.state === "running" ? " running" : ""}`,
                    vars: { from: at(task.started_at), to: at(until) },
                }),
        ),
        el("td", { class: "number" }, duration(waits)),
        el("td", { class: "number" }, took == null ? task.state : duration(took)),
    );
}

function ticks(span) {
    const step = Ticks.find((one) => span / one <= 5) ?? span;
    const marks = Array.from({ length: Math.floor(span / step) + 1 }, (_, i) => i * step);
    return marks
        .filter((ms) => ms / span < 0.93)
        .map((ms) =>
            el(
                "span",
                { class: "tick", "aria-hidden": true, vars: { from: (100 * ms) / span } },
                ms === 0 ? "0" : duration(ms),
            ),
        );
}

/** The clocks of leader and workers may be apart. */
const between = (from, to) => Math.max(0, new Date(to) - new Date(from));
