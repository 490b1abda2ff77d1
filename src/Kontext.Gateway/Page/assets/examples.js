import { $, el, put } from "./dom.js";

/** The picture and the wishes that the model in the repository knows, so that a first edit takes one click. */
export const Sample = "assets/sample.png";

const Edits = [
    "make the background pink",
    "make the yellow star purple",
    "remove the blue square",
    "make it night",
    "make it a sketch",
];
const Texts = [
    "a blue star at the top left on a white background",
    "a red circle at the bottom right on black",
    "a green cross at the top right on pink",
];

/** Shows them; one that is pressed is run. */
export function show(hasPicture, run) {
    const examples = $("examples");
    const kind = hasPicture ? "edits" : "texts";
    if (examples.dataset.kind !== kind) {
        examples.dataset.kind = kind;
        put(
            examples,
            (hasPicture ? Edits : Texts).map((text) =>
                el("li", {}, el("button", { type: "button", onclick: () => run(text) }, text)),
            ),
        );
    }
}
