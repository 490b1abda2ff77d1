import { askForKey, authorization } from "./key.js";

/** Why the server refused: what happened, what to do about it, and the code that names it. */
export class Problem extends Error {
    constructor(status, { title, detail, code, advice } = {}) {
        super(detail ?? title ?? `The server answered ${status}.`);
        this.status = status;
        this.code = code;
        this.advice = advice;
    }
}

/** Sends a request; an answer that is none becomes a Problem. */
export async function ask(path, options = {}) {
    let answer;
    try {
        answer = await fetch(path, { ...options, headers: { ...authorization(), ...options.headers } });
    } catch (error) {
        if (error.name === "AbortError") {
            throw error;
        }
        throw new Problem(0, {
            detail: "The server cannot be reached.",
            advice: "See whether it runs, then try again.",
        });
    }
    if (answer.ok) {
        return answer;
    }
    if (answer.status === 401) {
        askForKey();
    }
    throw new Problem(answer.status, await answer.json().catch(() => ({})));
}

export const read = async (path, options) => (await ask(path, options)).json();

/** Accepts a job once, however often it is sent. */
export function submit(request) {
    return read("v1/jobs", {
        method: "POST",
        headers: { "Content-Type": "application/json", "Idempotency-Key": fresh() },
        body: JSON.stringify(request),
    });
}

export const job = (id) => read(`v1/jobs/${id}`);
export const cancel = (id) => read(`v1/jobs/${id}`, { method: "DELETE" });
export const timeline = (id) => read(`v1/jobs/${id}/timeline`);
export const cluster = () => read("v1/cluster");

/** 128 random bits. `crypto.randomUUID` is for pages on HTTPS only. */
export function fresh() {
    return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join(
        "",
    );
}
