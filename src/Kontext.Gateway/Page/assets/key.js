import { $ } from "./dom.js";

const Name = "kontext.key";

/** The header that says who asks; none unless a key was asked for and given. The key lives as long as the tab. */
export function authorization() {
    const key = sessionStorage.getItem(Name);
    return key ? { Authorization: `Bearer ${key}` } : {};
}

export const hasKey = () => sessionStorage.getItem(Name) !== null;

/** Shows the field: the server wants a key, or another one. */
export function askForKey() {
    if ($("key").hidden) {
        $("key").hidden = false;
        $("key-field").focus();
    }
}

/** Takes the key that is typed in. */
export function onKey(used) {
    $("key").addEventListener("submit", (event) => {
        event.preventDefault();
        sessionStorage.setItem(Name, $("key-field").value.trim());
        $("key-field").value = "";
        $("key").hidden = true;
        used();
    });
}
