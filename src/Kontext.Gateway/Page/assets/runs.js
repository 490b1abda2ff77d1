import { cancel, job, Problem, submit } from "./api.js";
import { say } from "./dom.js";
import { follow } from "./events.js";
import { frames, isOver, number, update } from "./turns.js";

const following = new Map();

/** Begins a turn, and follows it to its end. */
export async function start(turn, request) {
    const view = await submit(request);
    update(turn, { job: view.id, view });
    say("Accepted.");
    await watch(turn);
}

/** Takes up the turns of a page that was left: each is asked for once, and followed if it goes on. */
export async function resume(trouble) {
    for (const turn of frames().filter((one) => one.kind === "turn" && !one.view && !one.trouble)) {
        try {
            update(turn, { view: await job(turn.job) });
            if (!isOver(turn.view.status)) {
                watch(turn).catch(trouble);
            }
        } catch (error) {
            if (!(error instanceof Problem) || error.status !== 404) {
                trouble(error);
                return;
            }
            update(turn, { trouble: "The server keeps this turn no more." });
        }
    }
}

/** Stops a turn; what comes of it is told by its events. */
export const stop = (turn) => cancel(turn.job);

/** Leaves all of them; they go on by themselves. */
export function leave() {
    following.forEach((controller) => controller.abort());
    following.clear();
}

async function watch(turn) {
    const controller = new AbortController();
    following.set(turn.id, controller);
    try {
        for await (const { name, data } of follow(turn.job, controller.signal)) {
            take(turn, name, data);
        }
        if (!controller.signal.aborted && !isOver(turn.view.status)) {
            update(turn, { view: await job(turn.job) });
        }
    } finally {
        following.delete(turn.id);
    }
}

function take(turn, name, data) {
    if (name === "status") {
        const view = JSON.parse(data);
        if (view.status !== turn.view.status) {
            say(`Turn ${number(turn)}: ${view.status}.`);
        }
        update(turn, { view });
    } else if (name === "progress") {
        const step = JSON.parse(data);
        update(turn, { live: { ...turn.live, ...step, taken: { ...turn.live?.taken, [step.image]: step.step } } });
    } else if (name === "preview") {
        const { data: picture, ...step } = JSON.parse(data);
        const preview = picture.startsWith("data:") ? picture : `data:image/png;base64,${picture}`;
        update(turn, { live: { ...turn.live, ...step, preview } });
    }
}
