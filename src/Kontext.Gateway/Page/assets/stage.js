import { compare, picture } from "./compare.js";
import { $, el, put } from "./dom.js";
import { Sample } from "./examples.js";
import { icon } from "./icons.js";
import { imageOf, indexOf, isOver } from "./turns.js";

const Doing = { queued: "Waiting", encoding: "Reading the prompt", denoising: "Denoising", decoding: "Finishing" };
let shown = "";

/** Shows a frame: a place to put a picture, a picture, a turn on its way, or what came of it. */
export function show(frame, before, actions) {
    const key = keyOf(frame, before);
    if (key !== shown) {
        shown = key;
        put($("stage"), content(frame, before, actions));
    }
    if (frame?.kind === "turn" && !isOver(frame.view?.status) && !frame.trouble) {
        tell(frame);
    }
}

/** What the stage is made of; while it stays the same, only numbers and the preview in it change. */
function keyOf(frame, before) {
    if (!frame) {
        return "empty";
    }
    const over = isOver(frame.view?.status) || frame.trouble;
    return [
        frame.id,
        before,
        over && frame.view?.status,
        over && frame.image,
        frame.view?.images.length,
        frame.trouble,
    ].join("|");
}

function content(frame, before, actions) {
    if (!frame) {
        return invitation(actions);
    }
    if (frame.kind === "picture") {
        return before
            ? el("div", { class: "plain" }, picture(before, frame.name))
            : ended("This picture is kept no more.");
    }
    if (frame.trouble) {
        return ended(frame.trouble);
    }
    const { view } = frame;
    if (!isOver(view?.status)) {
        return underWay(before, actions);
    }
    const image = imageOf(frame);
    if (image) {
        return [
            compare(before, image.url, `Result of “${frame.prompt}”`, view.width / view.height),
            view.images.length > 1 && choices(frame, actions),
        ];
    }
    return ended(
        { cancelled: "Cancelled.", expired: "Its deadline passed." }[view.status] ??
            view.error?.message ??
            "It failed.",
        view.error?.code,
    );
}

function invitation({ choosePicture, useSample }) {
    return el(
        "div",
        { class: "invitation drop" },
        icon("picture"),
        el("p", { class: "large" }, "Drop a picture to edit"),
        el("p", { class: "soft" }, "Paste works, too. Or say below what to draw from nothing."),
        el(
            "p",
            { class: "actions" },
            el("button", { type: "button", class: "strong", onclick: choosePicture }, "Choose a picture"),
            el(
                "button",
                { type: "button", id: "sample", onclick: useSample },
                el("img", { class: "small thumb", src: Sample, alt: "" }),
                "Try the sample",
            ),
        ),
    );
}

function underWay(before, { cancel }) {
    return [
        el(
            "div",
            { class: "plain live" },
            before && picture(before, "The picture before"),
            el("img", { id: "preview", class: "preview", alt: "Preview of the result", hidden: true }),
        ),
        el(
            "div",
            { class: "progress" },
            el(
                "div",
                {
                    id: "meter",
                    class: "meter",
                    role: "progressbar",
                    "aria-label": "Progress",
                    "aria-valuemin": 0,
                    "aria-valuemax": 100,
                },
                el("i"),
            ),
            el("p", { id: "doing" }),
            el("button", { type: "button", id: "cancel", onclick: cancel }, "Cancel"),
        ),
    ];
}

function tell(frame) {
    const { view, live } = frame;
    const steps = live ? ` · step ${live.step} of ${live.steps}` : "";
    const many = view?.count > 1 && live ? ` · image ${live.image + 1} of ${view.count}` : "";
    const ahead = view?.queue_position > 0 ? ` · ${view.queue_position} ahead` : "";
    const left = view?.eta && Math.round((Date.parse(view.eta) - Date.now()) / 1000);
    const soon = left > 1 ? ` · about ${left < 120 ? `${left} s` : `${Math.round(left / 60)} min`} left` : "";
    const denoising = live && view?.status === "denoising";
    $("doing").textContent = `${Doing[view?.status] ?? "Sending"}${denoising ? many + steps : ahead}${soon}`;
    // Steps come sooner than the record's share of the work; neither may run backwards.
    const taken = Object.values(live?.taken ?? {}).reduce((sum, steps) => sum + steps, 0);
    const share = Math.max(view?.progress ?? 0, taken ? 0.04 + (0.92 * taken) / (live.steps * view.count) : 0);
    const percent = Math.round(share * 100);
    $("meter").setAttribute("aria-valuenow", percent);
    $("meter").style.setProperty("--share", `${percent}%`);
    const preview = $("preview");
    if (live?.preview && preview.getAttribute("src") !== live.preview) {
        preview.src = live.preview;
        preview.hidden = false;
        // Noise that clears: the rest of the steps is what is left of the blur.
        preview.style.setProperty("--left", 1 - live.step / live.steps);
    }
}

function choices(frame, { pick }) {
    return el(
        "div",
        { class: "choices", role: "group", "aria-label": "Images of this turn" },
        frame.view.images.map((image) => {
            const index = indexOf(frame, image);
            return el(
                "button",
                {
                    type: "button",
                    "aria-pressed": String(image === imageOf(frame)),
                    "aria-label": `Image ${index + 1}, seed ${image.seed}`,
                    onclick: () => pick(index),
                },
                picture(image.url, ""),
            );
        }),
    );
}

const ended = (text, code) =>
    el(
        "div",
        { class: "invitation" },
        el("p", { class: "large" }, text),
        code && el("p", { class: "soft" }, el("code", {}, code)),
    );
