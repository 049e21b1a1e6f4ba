import StreamModel

extension EngineConfiguration {
    /// The keys of the file, apart from `paths`, as a release reads them: one that it does not know makes MediaMTX refuse
    /// the whole file (reference: mediamtx-facts E.1).
    ///
    /// - Parameter version: nil is the built-in engine.
    func entries(for version: MediaMTXVersion?) -> [(name: String, value: JSONValue)] {
        var entries = Self.fields.written(of: self)
        guard let version else { return entries }
        entries.removeAll { Self.ownKeys.contains($0.name) }
        if version < Self.firstWithOriginLists {
            entries = entries.map { name, value in
                guard name.hasSuffix("AllowOrigins") else { return (name, value) }
                return (String(name.dropLast()), value.arrayValue?.first ?? "")
            }
        }
        // Left to itself, it tells viewers when pictures and sound came, and not the one clock of both that our reports are by.
        if version >= Self.firstWithAbsoluteTimestamps {
            entries.append(("pathDefaults", ["useAbsoluteTimestamp": true]))
        }
        // On by default since it exists, with ports of its own; we do not serve it.
        if version >= Self.firstWithMoQ { entries.append(("moq", false)) }
        return entries
    }

    /// What no release of MediaMTX knows.
    private static let ownKeys: Set = [
        "multicastTTL", "multicastInterface", "multicastSourceSpecific", "multicastAnnounce", "srtLatency",
    ]

    private static let firstWithAbsoluteTimestamps = MediaMTXVersion(1, 12, 0)
    private static let firstWithOriginLists = MediaMTXVersion(1, 15, 4)
    private static let firstWithMoQ = MediaMTXVersion(1, 19, 0)
}
