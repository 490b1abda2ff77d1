import { fresh } from "./api.js";

/** Pictures that were brought along: kept in this browser, so that a reload can still start from them. */
const Store = "pictures";
const held = new Map();
let database;

function open() {
    database ??= new Promise((resolve, reject) => {
        const request = indexedDB.open("kontext", 1);
        request.onupgradeneeded = () => request.result.createObjectStore(Store);
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
    });
    return database;
}

function run(mode, work) {
    return open().then(
        (opened) =>
            new Promise((resolve, reject) => {
                const request = work(opened.transaction(Store, mode).objectStore(Store));
                request.onsuccess = () => resolve(request.result);
                request.onerror = () => reject(request.error);
            }),
    );
}

/** Keeps a picture and says under which name. Where the browser keeps nothing, until the page is left. */
export async function keep(blob) {
    const name = fresh();
    held.set(name, { blob, url: URL.createObjectURL(blob) });
    await run("readwrite", (store) => store.put(blob, name)).catch(() => {});
    return name;
}

async function find(name) {
    if (!held.has(name)) {
        const blob = await run("readonly", (store) => store.get(name)).catch(() => undefined);
        if (blob) {
            held.set(name, { blob, url: URL.createObjectURL(blob) });
        }
    }
    return held.get(name);
}

/** Where it can be shown from; undefined if it is kept no more. */
export const urlOf = async (name) => (await find(name))?.url;

/** Its file as a data URI, as requests carry it. */
export async function dataOf(name) {
    const picture = await find(name);
    return (
        picture &&
        new Promise((resolve, reject) => {
            const reader = new FileReader();
            reader.onload = () => resolve(reader.result);
            reader.onerror = () => reject(reader.error);
            reader.readAsDataURL(picture.blob);
        })
    );
}

/** Forgets all of them. */
export async function clear() {
    held.forEach(({ url }) => URL.revokeObjectURL(url));
    held.clear();
    await run("readwrite", (store) => store.clear()).catch(() => {});
}
