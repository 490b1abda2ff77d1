import { fresh, Problem } from "./api.js";
import * as curl from "./curl.js";
import * as details from "./details.js";
import { $, say } from "./dom.js";
import * as examples from "./examples.js";
import * as filmstrip from "./filmstrip.js";
import * as pictures from "./pictures.js";
import * as problem from "./problem.js";
import * as runs from "./runs.js";
import * as settings from "./settings.js";
import * as source from "./source.js";
import * as stage from "./stage.js";
import * as turns from "./turns.js";

/** Everything that can be done on this view. */
const actions = {
    choosePicture: () => source.choose(),
    useSample,
    choose: turns.choose,
    clear,
    cancel: () => guarded(() => runs.stop(turns.chosen())),
    pick: (image) => turns.update(turns.chosen(), { image }),
    curl: showCurl,
    seed: settings.setSeed,
    again: (turn) => {
        $("prompt").value = turn.prompt;
        $("prompt").focus();
    },
};

export function build() {
    settings.build();
    curl.build();
    source.build(takePicture, () =>
        problem.show(new Problem(0, { detail: "That is no picture.", advice: "Use a PNG, JPEG or WebP file." })),
    );
    $("composer").addEventListener("submit", (event) => {
        event.preventDefault();
        run($("prompt").value.trim());
    });
    $("prompt").addEventListener("keydown", (event) => {
        if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
            event.preventDefault();
            $("composer").requestSubmit();
        }
    });
    turns.onTurns(() => show());
    show();
    resume();
}

export const resume = () => runs.resume(problem.show);

let showing = Promise.resolve();
let again = false;

/** Shows what is. Changes that come while it is being shown are shown once more, together. */
function show() {
    if (again) {
        return;
    }
    again = true;
    showing = showing.then(async () => {
        again = false;
        const frame = turns.chosen();
        const shown = frame?.kind === "turn" ? turns.frame(frame.from) : frame;
        stage.show(frame, await filmstrip.pictureOf(shown), actions);
        details.show(frame, actions);
        const base = baseOf(frame);
        examples.show(base, (text) => {
            $("prompt").value = text;
            run(text);
        });
        $("prompt-label").textContent = base ? "Say the edit" : "Say what to draw";
        $("prompt").placeholder = base
            ? "make the background pink"
            : "a blue star at the top left on a white background";
        $("base").textContent = base ? `Starts from frame ${turns.number(base)}.` : "Starts from text alone.";
        await filmstrip.show(actions);
    });
}

/** What the next turn starts from: the frame that is chosen, or what that was made from while it has no picture itself. */
function baseOf(frame) {
    while (frame?.kind === "turn" && !turns.imageOf(frame)) {
        frame = turns.frame(frame.from);
    }
    return frame ?? null;
}

async function run(prompt) {
    if (!settings.isValid()) {
        return;
    }
    problem.hide();
    const from = baseOf(turns.chosen());
    const turn = { id: fresh(), kind: "turn", from: from?.id ?? null, prompt, image: 0 };
    await guarded(async () => {
        const request = { prompt, ...settings.values() };
        turn.request = from
            ? { ...request, context: [await contextOf(from, (name) => Promise.resolve(curl.Placeholder))] }
            : request;
        const sent = from ? { ...request, context: [await contextOf(from, pictures.dataOf)] } : request;
        turns.add(turn);
        try {
            await runs.start(turn, sent);
        } catch (error) {
            if (!turn.job) {
                turns.remove(turn);
                turns.choose(from?.id ?? null);
            }
            throw error;
        }
    });
}

/** A frame as requests name it: an image of a job, or the picture itself. */
async function contextOf(frame, dataOf) {
    if (frame.kind === "turn") {
        return { job: frame.job, image: turns.indexOf(frame, turns.imageOf(frame)) };
    }
    const image = await dataOf(frame.picture);
    if (!image) {
        throw new Problem(0, { detail: "This browser keeps that picture no more.", advice: "Bring it along again." });
    }
    return { image };
}

async function takePicture(blob, name) {
    problem.hide();
    turns.add({ id: fresh(), kind: "picture", picture: await pictures.keep(blob), name });
    say(`${name} is frame ${turns.frames().length}.`);
    $("prompt").focus();
}

async function useSample() {
    await guarded(async () => takePicture(await (await fetch(examples.Sample)).blob(), "shapes.png"));
}

function showCurl(turn) {
    const from = turns.frame(turn.from);
    curl.show(curl.command(turn.request, from?.kind === "picture" ? from.name : null));
}

async function clear() {
    runs.leave();
    turns.clear();
    await pictures.clear();
    $("prompt").focus();
}

async function guarded(work) {
    try {
        await work();
    } catch (error) {
        problem.show(error);
    }
}
