import { el } from "../core/dom.js";
import { icon } from "../core/icons.js";
import { t } from "../core/i18n.js";

/** @typedef {"streams" | "settings"} PageName */

/** @type {{name: PageName, href: string, icon: import("../core/icons.js").IconName}[]} */
const pages = [
    { name: "streams", href: "index.html", icon: "streams" },
    { name: "settings", href: "settings.html", icon: "settings" },
];

/**
 * Fills the page's header: the brand, the way to the other page, and what the page itself puts there.
 * @param {PageName} current
 * @param {...(HTMLElement)} tools
 */
export function drawHeader(current, ...tools) {
    document.title = t(`page.${current}.title`);
    const header = document.querySelector("header.app-header");
    header?.replaceChildren(
        el("a", { class: "skip-link", href: "#main" }, t("nav.skip")),
        el("h1", { class: "visually-hidden" }, t(`nav.${current}`)),
        el("a", { class: "brand", href: "index.html", "aria-label": t("brand.home") },
            el("img", { class: "brand-mark", src: "img/mark.svg", alt: "", width: 26, height: 26 }),
            el("span", { class: "brand-name" }, "Toposync")),
        el("nav", { class: "app-nav", "aria-label": t("nav.label") }, pages.map((page) =>
            el("a", {
                href: page.href,
                "aria-current": page.name === current ? "page" : null,
                data: { testid: `nav-${page.name}` },
            }, icon(page.icon), el("span", {}, t(`nav.${page.name}`))))),
        el("div", { class: "app-tools" }, tools));
}
