extension H264ParameterSets {
    /// Reads the `fmtp` parameters (RFC 6184 §8.1); nil when they name no parameter sets.
    init?(formatParameters: [String: String]) throws(RTPFormatError) {
        // Interleaved mode (2) reorders NAL units; no camera or encoder is known to send it.
        let mode = formatParameters["packetization-mode"].flatMap { Int($0) } ?? 0
        guard mode == 0 || mode == 1 else { throw .unsupportedPacketizationMode(mode) }
        guard let text = formatParameters["sprop-parameter-sets"] else { return nil }
        self.init(spropParameterSets: text)
    }

    /// What the `fmtp` value (RFC 6184 §8.1) says of the sets: `sprop-parameter-sets=…; profile-level-id=…`.
    var formatParameters: String {
        (["sprop-parameter-sets=\(spropParameterSets)"] + (profileLevelID.map { ["profile-level-id=\($0)"] } ?? []))
            .joined(separator: "; ")
    }
}
