/** A time in milliseconds as a person says it. */
export function duration(ms) {
    if (ms == null) {
        return "–";
    }
    if (ms < 999.5) {
        return `${Math.round(ms)} ms`;
    }
    if (ms < 59_950) {
        return `${(ms / 1000).toFixed(ms < 9950 ? 2 : 1)} s`;
    }
    const minutes = Math.round(ms / 60_000);
    return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Bytes of memory, in powers of two. */
export function memory(bytes) {
    return bytes >= 2 ** 30
        ? `${(bytes / 2 ** 30).toFixed(bytes < 10 * 2 ** 30 ? 1 : 0)} GiB`
        : `${Math.round(bytes / 2 ** 20)} MiB`;
}

export const percent = (share) => `${(share * 100).toFixed(share > 0 && share < 0.1 ? 1 : 0)} %`;

/** One and many. */
export const count = (number, one, many = `${one}s`) => `${number} ${number === 1 ? one : many}`;

export const clock = (time) => new Date(time).toLocaleTimeString();
