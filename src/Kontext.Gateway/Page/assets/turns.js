/**
 * The filmstrip's frames: pictures that were brought along and turns. A turn is a job; the server has the rest, so a reload
 * needs its id only. `from` is the frame that it was made from.
 *
 *   {id, kind: "picture", picture, name}
 *   {id, kind: "turn", from, prompt, job, image, request}
 */
const Name = "kontext.turns";
const Most = 60;
const listeners = [];
const state = load();

function load() {
    try {
        const saved = JSON.parse(localStorage.getItem(Name));
        return Array.isArray(saved?.frames) ? saved : { frames: [], chosen: null };
    } catch {
        return { frames: [], chosen: null };
    }
}

function changed() {
    try {
        // What a page knows of a job beside its id is told by the server again.
        const frames = state.frames.map(({ view, live, trouble, ...kept }) => kept);
        localStorage.setItem(Name, JSON.stringify({ frames, chosen: state.chosen }));
    } catch {
        // The browser keeps nothing; the page works until it is left.
    }
    listeners.forEach((listener) => listener());
}

export const frames = () => state.frames;
export const frame = (id) => state.frames.find((one) => one.id === id);
export const number = (one) => state.frames.indexOf(one) + 1;

/** The frame that is shown, and that the next turn starts from; null: from text alone. */
export const chosen = () => frame(state.chosen) ?? null;

export function onTurns(listener) {
    listeners.push(listener);
}

export function choose(id) {
    state.chosen = id;
    changed();
}

export function add(one) {
    state.frames.push(one);
    state.frames.splice(0, state.frames.length - Most);
    choose(one.id);
}

export function update(one, fields) {
    Object.assign(one, fields);
    changed();
}

export function remove(one) {
    state.frames = state.frames.filter((other) => other !== one);
    if (state.chosen === one.id) {
        state.chosen = state.frames.at(-1)?.id ?? null;
    }
    changed();
}

export function clear() {
    state.frames = [];
    choose(null);
}

const Outcomes = ["succeeded", "failed", "cancelled", "expired"];

/** Whether a job's status is its last. */
export const isOver = (status) => Outcomes.includes(status);

/** Which image of its job it is: image i has seed + i, and those that are not there yet are not listed. */
export const indexOf = (one, image) => image.seed - one.view.seed;

/** The image of a turn that is chosen, among those that are there. */
export const imageOf = (one) =>
    one.view?.images.find((image) => indexOf(one, image) === one.image) ?? one.view?.images[0];
