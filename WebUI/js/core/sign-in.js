/** The pages that signing in may lead back to. */
const pages = ["index.html", "settings.html"];
/** Whether this page is on its way to the sign-in page already. */
let isLeaving = false;

/**
 * Goes to the sign-in page when the server asks for a name, and comes back from there.
 * @param {import("./api.js").ApiClient} api
 * @param {string} page this page's file
 */
export function signInWhenAsked(api, page) {
    api.addEventListener("signedOut", () => {
        if (isLeaving) return;
        isLeaving = true;
        const parameters = new URLSearchParams({
            page, hash: window.location.hash.slice(1), query: window.location.search.slice(1),
        });
        window.location.assign(new URL(`sign-in.html#${parameters}`, document.baseURI));
    });
}

/**
 * Signs this browser out. What the page follows ends at that moment, and is no reason to come back to the page.
 * @param {import("./api.js").ApiClient} api
 * @param {string} [page] the page to go to after signing in
 */
export async function signOut(api, page) {
    isLeaving = true;
    try {
        await api.accounts.signOut();
    } catch (error) {
        isLeaving = false;
        throw error;
    }
    window.location.assign(new URL(page ? `sign-in.html#page=${page}` : "sign-in.html", document.baseURI));
}

/**
 * Where to go after signing in. Only our own pages: the address may have been made by somebody else.
 * @param {URLSearchParams} parameters of the sign-in page
 */
export function placeToReturnTo(parameters) {
    const page = parameters.get("page") ?? "";
    const hash = parameters.get("hash");
    const target = new URL(pages.includes(page) ? page : "index.html", document.baseURI);
    if (hash) target.hash = hash;
    target.search = parameters.get("query") ?? "";
    return target.href;
}
