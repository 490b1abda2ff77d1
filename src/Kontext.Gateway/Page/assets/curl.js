import { $ } from "./dom.js";
import { hasKey } from "./key.js";

/** The same request as a command for a shell. A picture that was brought along is read from a file of that name. */
export function command(request, file) {
    const url = new URL("v1/jobs", location.href).href;
    const key = hasKey() ? [`  -H "Authorization: Bearer $KONTEXT_API_KEY" \\`] : [];
    const body = JSON.stringify(request, null, 1).replace(/\n */g, " ");
    // Within double quotes a shell would read a prompt's $ and ` as its own: only the picture's file stands outside single ones.
    const quoted = `'${body.replaceAll("'", `'\\''`)}'`.replace(
        Marked,
        () => `"image": "'"$(base64 -w0 ${word(file ?? "picture.png")})"'"`,
    );
    return [
        `curl -s ${url} \\`,
        ...key,
        `  -H 'Content-Type: application/json' \\`,
        `  --data-binary @- <<< ${quoted}`,
    ].join("\n");
}

/** Stands for the picture in a request to show. */
export const Placeholder = "@picture@";

/** Where it stands in the body; within a prompt the quotes would be escaped. */
const Marked = `"image": "${Placeholder}"`;

/** Shows a command. */
export function show(text) {
    $("curl-text").textContent = text;
    $("curl-copy").textContent = "Copy";
    $("curl").showModal();
}

export function build() {
    $("curl-copy").addEventListener("click", async () => {
        try {
            await navigator.clipboard.writeText($("curl-text").textContent);
            $("curl-copy").textContent = "Copied";
        } catch {
            // Browsers let pages copy on HTTPS and loopback only: what is selected, a person can copy.
            getSelection().selectAllChildren($("curl-text"));
            $("curl-copy").textContent = "Selected: press Ctrl+C";
        }
    });
}

const word = (name) => `'${name.replaceAll("'", `'\\''`)}'`;
