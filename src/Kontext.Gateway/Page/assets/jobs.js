import { read } from "./api.js";
import { $, el, put } from "./dom.js";
import { duration } from "./format.js";

const Shown = 12;
let last = "";

/** The tenant's latest jobs. */
export async function show(chosen) {
    const { jobs } = await read(`v1/jobs?limit=${Shown}`);
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

function item(job, isChosen) {
    return el(
        "li",
        {},
        el(
            "a",
            { href: `#cluster/${job.id}`, "aria-current": isChosen ? "true" : null },
            el("span", { class: `dot ${job.status}`, "aria-hidden": true }),
            el("span", { class: "name" }, job.prompt),
            el(
                "span",
                { class: "soft" },
                job.timings_ms.total == null ? job.status : `${job.status} in ${duration(job.timings_ms.total)}`,
            ),
        ),
    );
}
