import { ask, Problem } from "./api.js";

const Pause = 1000;

/**
 * The events of a job, as {name, data}, until its outcome. `EventSource` cannot send a key, so the stream is read by hand;
 * one that breaks is taken up again where it was.
 */
export async function* follow(job, signal) {
    let seen;
    while (!signal.aborted) {
        try {
            const answer = await ask(`v1/jobs/${job}/events`, {
                signal,
                headers: { Accept: "text/event-stream", ...(seen === undefined ? {} : { "Last-Event-ID": seen }) },
            });
            if (answer.status === 204) {
                return;
            }
            for await (const event of parse(answer.body)) {
                seen = event.id ?? seen;
                yield event;
            }
            return;
        } catch (error) {
            if (signal.aborted) {
                return;
            }
            if (error instanceof Problem && error.status >= 400 && error.status < 500 && error.status !== 429) {
                throw error;
            }
            await new Promise((resolve) => setTimeout(resolve, Pause));
        }
    }
}

/** Events of the HTML standard's stream format. */
async function* parse(body) {
    const reader = body.pipeThrough(new TextDecoderStream()).getReader();
    let text = "";
    let event = { name: "message", data: [] };
    for (;;) {
        const { done, value } = await reader.read();
        if (done) {
            return;
        }
        text += value;
        const lines = text.split(/\r\n|\n|\r(?!$)/);
        text = lines.pop();
        for (const line of lines) {
            if (line === "") {
                if (event.data.length > 0) {
                    yield { ...event, data: event.data.join("\n") };
                }
                event = { name: "message", data: [] };
                continue;
            }
            const [, field, content] = /^([^:]*)(?:: ?(.*))?$/.exec(line);
            if (field === "event") {
                event.name = content;
            } else if (field === "data") {
                event.data.push(content ?? "");
            } else if (field === "id") {
                event.id = content;
            }
        }
    }
}
