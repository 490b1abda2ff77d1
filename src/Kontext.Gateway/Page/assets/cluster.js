import * as api from "./api.js";
import { $, el, put } from "./dom.js";
import * as figures from "./figures.js";
import { clock, duration } from "./format.js";
import * as jobs from "./jobs.js";
import * as lanes from "./lanes.js";
import { offer } from "./settings.js";
import * as tenants from "./tenants.js";
import * as waterfall from "./waterfall.js";
import * as workers from "./workers.js";

/** The leader's board is a second old at most: to look more often shows nothing more. */
const Every = 1000;

/** A board older than this was written by a leader that is gone. */
const Stale = 5000;

let isShown = false;
let job = null;
let timer;

export function build() {
    document.addEventListener("visibilitychange", refresh);
    // Which models there are, and whether a key is wanted, is of use to the other view as well.
    load().catch(() => {});
}

/** Shows the view or leaves it; a job is one whose timeline is wanted. */
export function show(shown, wanted) {
    isShown = shown;
    job = wanted ?? job;
    refresh();
}

/** Looks now, and then again and again while somebody looks. */
export function refresh() {
    clearTimeout(timer);
    if (isShown && !document.hidden) {
        look();
    }
}

async function look() {
    const started = performance.now();
    try {
        await load();
    } catch (error) {
        put($("freshness"), el("span", { class: "stale" }, error.message));
    }
    clearTimeout(timer);
    if (isShown && !document.hidden) {
        timer = setTimeout(look, Math.max(100, Every - (performance.now() - started)));
    }
}

async function load() {
    const state = await api.cluster();
    offer([...new Set(state.workers.flatMap((worker) => worker.models))].sort());
    if (!isShown) {
        return;
    }
    freshness(state.board);
    figures.show(state);
    lanes.show(state.lanes);
    workers.show(state);
    tenants.show(state.tenants);
    const recent = await jobs.show(job);
    await waterfall.show(job ?? recent);
}

function freshness(board) {
    const isStale = !board || board.age_ms > Stale;
    const text = board
        ? isStale
            ? `Nobody leads: the board is ${duration(board.age_ms)} old`
            : "Live"
        : "Nobody has led yet";
    put(
        $("freshness"),
        el(
            "span",
            { class: isStale ? "stale" : "live-dot", title: board ? `Written at ${clock(board.at)}` : null },
            text,
        ),
    );
}
