import { $, el } from "./dom.js";

/** The ways a picture gets in: chosen, dropped or pasted. */
const Types = ["image/png", "image/jpeg", "image/webp"];

let field;

/** Lets somebody choose a picture. */
export const choose = () => field.click();

export function build(take, refuse) {
    field = el("input", { type: "file", accept: Types.join(), hidden: true, onchange: () => first(field.files) });
    document.body.append(field);
    const stage = $("stage");
    addEventListener("dragover", (event) => {
        event.preventDefault();
        stage.classList.toggle("target", hasFiles(event));
    });
    addEventListener("dragleave", (event) => {
        if (!event.relatedTarget) {
            stage.classList.remove("target");
        }
    });
    addEventListener("drop", (event) => {
        event.preventDefault();
        stage.classList.remove("target");
        first(event.dataTransfer.files);
    });
    addEventListener("paste", (event) => first(event.clipboardData.files));

    function first(files) {
        if (files.length === 0) {
            return;
        }
        const picture = [...files].find((file) => Types.includes(file.type));
        if (picture) {
            take(picture, picture.name || "Pasted picture");
        } else {
            refuse();
        }
        field.value = "";
    }
}

const hasFiles = (event) => event.dataTransfer.types.includes("Files");
