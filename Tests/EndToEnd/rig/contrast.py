"""How well texts of a page can be read: WCAG 2.2, success criterion 1.4.3."""

from playwright.sync_api import Page

# Each text with its colour on what lies behind it; opacity of the elements around it counts.
_TEXTS = """
root => {
    // A colour on its way to another is not what one reads.
    for (const one of document.getAnimations()) {
        if (one.effect.getComputedTiming().endTime !== Infinity) one.finish();
    }
    const parse = (text) => {
        const numbers = text.match(/[\\d.]+/g).map(Number);
        return {rgb: numbers.slice(0, 3), alpha: numbers[3] ?? 1};
    };
    const over = ({rgb, alpha}, below) => rgb.map((value, index) => value * alpha + below[index] * (1 - alpha));
    const luminance = (rgb) => {
        const [r, g, b] = rgb.map((value) => value / 255)
            .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
        return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    };
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = [];
    while (walker.nextNode()) {
        const element = walker.currentNode.parentElement;
        const text = walker.currentNode.textContent.trim();
        // What can't be used needs no contrast.
        if (!text || !element.checkVisibility() || element.closest(":disabled, [inert], .visually-hidden, option")) continue;
        const chain = [];
        for (let node = element; node; node = node.parentElement) chain.unshift(getComputedStyle(node));
        let behind = [255, 255, 255];
        for (const style of chain) behind = over(parse(style.backgroundColor), behind);
        const colour = parse(chain.at(-1).color);
        for (const style of chain) colour.alpha *= Number(style.opacity);
        const values = [luminance(over(colour, behind)), luminance(behind)];
        found.push({text, ratio: (Math.max(...values) + 0.05) / (Math.min(...values) + 0.05)});
    }
    return found;
}
"""
_LEAST = 4.5


def faint_texts(page: Page, selector: str) -> list[str]:
    """The texts inside an element that have too little contrast, with their ratio."""
    found = page.locator(selector).evaluate(_TEXTS)
    assert found, f"no text in {selector}"
    return [f"{text['text']}: {text['ratio']:.2f}" for text in found if text["ratio"] < _LEAST]
