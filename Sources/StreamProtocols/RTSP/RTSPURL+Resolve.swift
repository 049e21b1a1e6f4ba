extension RTSPURL {
    /// What `control` attributes of a description are relative to (RFC 2326 §C.1.1): its `Content-Base`, else its
    /// `Content-Location`, else the URL that was asked for. Cameras also send these empty, without scheme or host, or with
    /// the scheme twice.
    public static func base(of headers: RTSPHeaders, request url: String) -> String {
        for name in ["Content-Base", "Content-Location"] {
            guard let text = headers[name]?.trimmingASCIIWhitespace(), !text.isEmpty else { continue }
            if let absolute = absolute(text, like: url) { return absolute }
            if text.utf8.first == slash, let parts = Parts(url) { return parts.origin + text }
        }
        return url
    }

    /// The URL of a track or presentation: a description's `control` attribute against its base (RFC 2326 §C.1.1).
    ///
    /// - Parameters:
    ///   - control: absolute, relative, or `*` for the base itself.
    ///   - base: see ``base(of:request:)``.
    public static func resolve(control: String?, base: String) -> String {
        guard let control = control?.trimmingASCIIWhitespace(), !control.isEmpty, control != "*" else { return base }
        if let absolute = absolute(control, like: base) { return absolute }
        // RFC 1808 would replace the last part of the path; servers expect it to be appended, as every client does. With
        // a query too: Dahua's tracks are `…/realmonitor?channel=1&subtype=0/trackID=0`.
        let isSeparated = base.utf8.last == slash || control.utf8.first == slash
        guard isSeparated else { return base + "/" + control }
        guard base.utf8.last == slash, control.utf8.first == slash else { return base + control }
        return base + Substring(control.utf8.dropFirst())
    }

    private static let slash: UInt8 = 0x2F

    /// The text as a URL with scheme and host; nil when it is relative.
    private static func absolute(_ text: String, like base: String) -> String? {
        for scheme in ["rtsp://", "rtsps://"] where text.hasPrefixIgnoringASCIICase(scheme) {
            let rest = Substring(text.utf8.dropFirst(scheme.utf8.count))
            return rest.hasPrefixIgnoringASCIICase(scheme) ? String(rest) : text
        }
        guard let base = Parts(base) else { return nil }
        if text.hasPrefixIgnoringASCIICase("//") { return base.scheme + ":" + text }
        // Without a scheme, and yet with the camera's own host.
        for host in [base.authority, base.host] where text.hasPrefixIgnoringASCIICase(host) {
            let next = text.utf8.dropFirst(host.utf8.count).first
            if next == slash || next == 0x3A { return base.scheme + "://" + text }
        }
        // A whole path, which begins as the base's does.
        let path = base.path.utf8.last == slash ? Substring(base.path.utf8.dropLast()) : base.path
        return path.utf8.count > 1 && text.utf8.starts(with: path.utf8) ? base.origin + text : nil
    }

    /// A URL as text taken apart, no further than needed and whatever is in it.
    private struct Parts {
        var scheme: Substring
        /// Host and port.
        var authority: Substring
        var path: Substring

        init?(_ url: String) {
            guard let (scheme, rest) = url.splitOnce(at: ":"), rest.hasPrefixIgnoringASCIICase("//") else { return nil }
            let hierarchy = Substring(rest.utf8.dropFirst(2))
            let end = hierarchy.utf8.firstIndex { $0 == slash || $0 == 0x3F } ?? hierarchy.endIndex
            let hostEnd = hierarchy[..<end].utf8.firstIndex(of: 0x3A) ?? end
            guard hostEnd > hierarchy.startIndex else { return nil }
            self.scheme = scheme
            authority = hierarchy[..<end]
            path = hierarchy[end...]
        }

        var origin: String { scheme + "://" + authority }

        var host: Substring { authority.splitOnce(at: ":")?.0 ?? authority }
    }
}
