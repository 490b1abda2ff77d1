import { $, el, put } from "./dom.js";
import { icon } from "./icons.js";

/** What is left alone is the model's own choice: a request has only what somebody set. */
const Aspects = ["1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16"];
const Formats = ["png", "jpeg", "webp"];

/** Above it noise begins again: the model's generator takes 32 bits. */
const LargestSeed = 2 ** 32 - 1;
const fields = {};

export function build() {
    fields.model = el("select", { id: "model" }, el("option", { value: "" }, "Automatic"));
    fields.size = el(
        "select",
        { id: "size", onchange: showSize },
        el("option", { value: "" }, "Automatic"),
        Aspects.map((aspect) => el("option", { value: aspect }, aspect)),
        el("option", { value: "exact" }, "Width × height"),
    );
    fields.width = whole("width", { min: 16, step: 16, placeholder: "1024" });
    fields.height = whole("height", { min: 16, step: 16, placeholder: "1024" });
    fields.steps = whole("steps", { min: 1, max: 500, placeholder: "Auto" });
    fields.guidance = el("input", { id: "guidance", type: "number", min: 0, max: 30, step: 0.1, placeholder: "Auto" });
    fields.seed = whole("seed", { min: 0, max: LargestSeed, placeholder: "Any" });
    fields.count = whole("count", { min: 1, max: 64, value: 1 });
    fields.format = el(
        "select",
        { id: "format" },
        Formats.map((format) => el("option", { value: format }, format.toUpperCase())),
    );
    const dice = el(
        "button",
        { type: "button", class: "dice", "aria-label": "Draw a seed", title: "Draw a seed", onclick: roll },
        icon("dice"),
    );
    put(
        $("settings-form"),
        labelled("Model", fields.model, "wide"),
        labelled("Size", fields.size, "wide"),
        el(
            "div",
            { id: "exact", class: "exact wide", hidden: true },
            labelled("Width", fields.width),
            labelled("Height", fields.height),
        ),
        labelled("Steps", fields.steps),
        labelled("Guidance", fields.guidance),
        el(
            "div",
            { class: "field" },
            el("label", { for: "seed" }, "Seed"),
            el("div", { class: "with-dice" }, fields.seed, dice),
        ),
        labelled("Images", fields.count),
        labelled("Format", fields.format),
    );
    $("settings-form").addEventListener("submit", (event) => event.preventDefault());
    $("settings").open = matchMedia("(min-width: 961px)").matches;
}

/** Whether every field makes sense; the first that does not says so itself. */
export function isValid() {
    const wrong = Object.values(fields).find((field) => !field.checkValidity());
    if (wrong) {
        $("settings").open = true;
        wrong.reportValidity();
    }
    return !wrong;
}

/** The part of a request that the settings make. */
export function values() {
    const { size } = fields;
    return {
        ...(fields.model.value && { model: fields.model.value }),
        ...(size.value === "exact"
            ? { width: fields.width.valueAsNumber, height: fields.height.valueAsNumber }
            : size.value && { aspect_ratio: size.value }),
        ...number("steps"),
        ...number("guidance"),
        ...number("seed"),
        ...(fields.count.valueAsNumber > 1 && number("count")),
        ...(fields.format.value !== Formats[0] && { format: fields.format.value }),
    };
}

/** Sets the seed that a picture was made with, to make it again or nearly so. */
export function setSeed(seed) {
    fields.seed.value = seed;
}

/** Offers the models that live workers have. */
export function offer(models) {
    const known = [...fields.model.options].slice(1).map((option) => option.value);
    if (known.join() !== models.join()) {
        const { value } = fields.model;
        put(fields.model, fields.model.options[0], ...models.map((name) => el("option", { value: name }, name)));
        fields.model.value = models.includes(value) ? value : "";
    }
}

function showSize() {
    const exact = fields.size.value === "exact";
    $("exact").hidden = !exact;
    fields.width.required = fields.height.required = exact;
}

function roll() {
    fields.seed.value = crypto.getRandomValues(new Uint32Array(1))[0];
}

const number = (name) => (fields[name].value === "" ? {} : { [name]: fields[name].valueAsNumber });

function whole(id, properties) {
    return el("input", { id, type: "number", step: 1, inputmode: "numeric", ...properties });
}

function labelled(text, field, width = "") {
    return el("div", { class: `field ${width}` }, el("label", { for: field.id }, text), field);
}
