import StreamProtocols

/// A session that reads a path.
struct RTSPPlaySession: Equatable {
    var id: String
    var target: RTSPTarget
    /// By track.
    var bindings: [Int: RTSPBinding] = [:]
}

/// A session that publishes a path.
struct RTSPRecordSession: Equatable {
    var id: String
    var target: RTSPTarget
    var description: SessionDescription
    /// By track.
    var bindings: [Int: RTSPBinding] = [:]

    /// The track that a SETUP is about: the one whose control attribute the URI ends with, else, when the client leaves
    /// that out, the next one.
    func track(of uri: String) -> Int? {
        let media = description.media
        let named = media.indices.first { index in
            guard let control = media[index].control, !control.isEmpty, control != "*" else { return false }
            return uri == control || uri == control + "/"
                || uri == RTSPURL.resolve(control: control, base: target.baseURI)
                || uri.hasSuffix("/" + control)
        }
        if let named { return named }
        guard RTSPTarget(uri: uri)?.path == target.path else { return nil }
        return media.indices.first { bindings[$0] == nil }
    }
}
