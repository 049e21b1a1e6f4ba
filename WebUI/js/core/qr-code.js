/**
 * What `vendor/qrcode.js` (qrcode-generator) gives.
 * @typedef {object} Encoder
 * @property {(text: string, mode?: "Byte") => void} addData
 * @property {() => void} make
 * @property {() => number} getModuleCount
 * @property {(row: number, column: number) => boolean} isDark
 */

/** The light border that a reader needs around a code (ISO/IEC 18004 §9.1), in modules. */
const quietZone = 4;
const namespace = "http://www.w3.org/2000/svg";
/** @type {Promise<(version: 0, level: "M") => Encoder> | null} */
let encoder = null;

/**
 * The encoder. It is no module, so it is loaded as a script, when somebody first wants a code.
 */
function load() {
    encoder ??= new Promise((resolve, reject) => {
        const script = document.createElement("script");
        script.src = new URL("vendor/qrcode.js", document.baseURI).href;
        script.addEventListener("load", () => resolve(/** @type {any} */ (window).qrcode));
        script.addEventListener("error", () => {
            encoder = null;
            script.remove();
            reject(new Error("vendor/qrcode.js could not be loaded."));
        });
        document.head.append(script);
    });
    return encoder;
}

/**
 * A text as a QR code: dark on light in every theme, as readers expect it.
 * @param {string} text
 * @param {string} label says what it leads to
 * @returns {Promise<SVGSVGElement>}
 */
export async function qrCode(text, label) {
    const code = (await load())(0, "M");
    code.addData(text, "Byte");
    code.make();
    const count = code.getModuleCount();
    const size = count + 2 * quietZone;
    const svg = document.createElementNS(namespace, "svg");
    for (const [name, value] of Object.entries({
        viewBox: `0 0 ${size} ${size}`, class: "qr", role: "img", "aria-label": label, "shape-rendering": "crispEdges",
    })) svg.setAttribute(name, value);
    svg.append(shape(`M0 0h${size}v${size}H0Z`, "qr-light"), shape(darkModules(code, count), "qr-dark"));
    return svg;
}

/**
 * @param {Encoder} code
 * @param {number} count
 */
function darkModules(code, count) {
    let path = "";
    for (let row = 0; row < count; row += 1) {
        for (let column = 0; column < count; column += 1) {
            if (code.isDark(row, column)) path += `M${column + quietZone} ${row + quietZone}h1v1h-1Z`;
        }
    }
    return path;
}

/**
 * @param {string} path
 * @param {string} className
 */
function shape(path, className) {
    const element = document.createElementNS(namespace, "path");
    element.setAttribute("d", path);
    element.setAttribute("class", className);
    return element;
}
