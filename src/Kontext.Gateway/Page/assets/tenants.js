import { $, el, put } from "./dom.js";
import { duration, percent } from "./format.js";

/** Who has jobs and what part of the devices' time they have had, today and lately. */
export function show(tenants) {
    put(
        $("tenants"),
        tenants.length === 0
            ? el("p", { class: "soft" }, "Nobody has used a device today.")
            : el(
                  "table",
                  {},
                  el(
                      "thead",
                      {},
                      el(
                          "tr",
                          {},
                          ["Tenant", "Share today", "Lately", "Device time", "Waiting", "Running"].map((name, i) =>
                              el("th", { scope: "col", class: i > 1 ? "number" : null }, name),
                          ),
                      ),
                  ),
                  el("tbody", {}, tenants.map(row)),
              ),
    );
}

function row(tenant) {
    return el(
        "tr",
        {},
        el("th", { scope: "row" }, tenant.name),
        el(
            "td",
            { class: "share" },
            el(
                "span",
                { class: "bar-of share-bar", "aria-hidden": true, vars: { running: tenant.share, waiting: 0 } },
                el("i"),
                el("i"),
            ),
            el("span", {}, percent(tenant.share)),
        ),
        el("td", { class: "number" }, percent(tenant.recent_share)),
        el("td", { class: "number" }, duration(tenant.device_ms_today)),
        el("td", { class: "number" }, `${tenant.waiting}`),
        el("td", { class: "number" }, `${tenant.running}`),
    );
}
