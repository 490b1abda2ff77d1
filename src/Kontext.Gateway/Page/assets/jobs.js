import { Problem, read } from "./api.js";
import { $, el, put } from "./dom.js";
import { duration } from "./format.js";
import { frames } from "./turns.js";

const Shown = 12;
let listable = true;
let last = "";

/** The tenant's latest jobs, as the server lists them; of a server that lists none, those of this browser. */
export async function show(chosen) {
    const jobs = await recent();
    const text = JSON.stringify([jobs, chosen]);
    if (text === last) {
        // Whoever stands on one of them with the keyboard stays there.
        return jobs[0]?.id ?? null;
    }
    last = text;
    put(
        $("jobs"),
        jobs.length === 0
            ? el(
                  "p",
                  { class: "soft" },
                  "None yet. Run one on the ",
                  el("a", { href: "#playground" }, "playground"),
                  ".",
              )
            : el(
                  "ul",
                  { class: "job-list" },
                  jobs.map((job, i) => item(job, job.id === chosen || (!chosen && i === 0))),
              ),
    );
    return jobs[0]?.id ?? null;
}

async function recent() {
    if (listable) {
        try {
            const { jobs } = await read(`v1/jobs?limit=${Shown}`);
            return jobs;
        } catch (error) {
            if (!(error instanceof Problem) || ![400, 404, 405].includes(error.status)) {
                throw error;
            }
            listable = false;
        }
    }
    return frames()
        .filter((one) => one.kind === "turn" && one.view)
        .slice(-Shown)
        .reverse()
        .map((one) => ({ prompt: one.prompt, ...one.view }));
}

function item(job, isChosen) {
    return el(
        "li",
        {},
        el(
            "a",
            { href: `#cluster/${job.id}`, "aria-current": isChosen ? "true" : null },
            el("span", { class: `dot ${job.status}`, "aria-hidden": true }),
            el("span", { class: "name" }, job.prompt ?? job.id.slice(0, 8)),
            el(
                "span",
                { class: "soft" },
                job.timings_ms.total == null ? job.status : `${job.status} in ${duration(job.timings_ms.total)}`,
            ),
        ),
    );
}
