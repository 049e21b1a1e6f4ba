/** The few words of a player that stands alone; pages of ours say more, by its `state` and `reason`. */
const texts = {
    en: {
        starting: "Starting…", reconnecting: "Reconnecting…", autoplay: "Tap to play", password: "This stream asks for a password.",
        "sign-in": "Sign in to watch.",
        offline: "This stream can't be played now.", mute: "Mute", unmute: "Turn the sound on", float: "Picture in picture",
        cast: "AirPlay", fullscreen: "Full screen", player: "Live picture",
    },
    pt: {
        starting: "Iniciando…", reconnecting: "Reconectando…", autoplay: "Toque para reproduzir", password: "Esta transmissão pede uma senha.",
        "sign-in": "Entre para assistir.",
        offline: "Não é possível reproduzir esta transmissão agora.", mute: "Silenciar", unmute: "Ligar o som",
        float: "Picture-in-picture", cast: "AirPlay", fullscreen: "Tela cheia", player: "Imagem ao vivo",
    },
};

/**
 * In the language of the element or of its page, else of the browser.
 * @param {Element} element
 * @returns {typeof texts.en}
 */
export function playerTexts(element) {
    const said = element.closest("[lang]")?.getAttribute("lang") ?? navigator.language;
    return said.toLowerCase().startsWith("pt") ? texts.pt : texts.en;
}
