import { $ } from "./dom.js";
import * as cluster from "./cluster.js";
import { onKey } from "./key.js";
import * as playground from "./playground.js";
import * as problem from "./problem.js";

/** The address says what is shown: #playground, #cluster, or #cluster/ and the id of a job. */
function route() {
    const [view, job] = location.hash.slice(1).split("/");
    const shown = view === "cluster" ? "cluster" : "playground";
    for (const name of ["playground", "cluster"]) {
        $(name).hidden = name !== shown;
    }
    for (const link of document.querySelectorAll("nav a")) {
        if (link.dataset.view === shown) {
            link.setAttribute("aria-current", "page");
        } else {
            link.removeAttribute("aria-current");
        }
    }
    document.title = shown === "cluster" ? "Cluster · Kontext" : "Kontext";
    cluster.show(shown === "cluster", job);
}

playground.build();
cluster.build();
onKey(() => {
    problem.hide();
    playground.resume();
    cluster.refresh();
});
addEventListener("hashchange", () => {
    route();
    $("main").focus({ preventScroll: true });
});
route();
