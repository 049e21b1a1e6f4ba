extension Transmission {
    /// Where viewers by WebRTC are sent the same in fewer bits when their line does not carry the path that they asked for: of each such
    /// path the best that has less. Both are offered by WebRTC to the same people, with the same sound, metadata and codec.
    public var lowerPaths: [String: String] {
        let outputs = servedOutputs
        let watched = Set(outputs.filter { $0.protocol == .webrtc }.map(\.enginePath))
        guard watched.count > 1 else { return [:] }
        let sized = Set(enabledOutputs.filter(\.namesSize).map(\.id))
        let withMetadata = metadataPaths
        let offers = outputs.decidingPictures.filter { watched.contains($0.enginePath) }.map {
            Offer($0, namesSize: sized.contains($0.outputID), hasMetadata: withMetadata.contains($0.enginePath))
        }
        return offers.reduce(into: [:]) { paths, offer in
            paths[offer.path] = offers.filter { $0.isLower(than: offer) }.max { $0.isBelow($1) }?.path
        }
    }
}

/// What viewers by WebRTC get at an engine path.
private struct Offer {
    /// What has to be the same.
    private struct Terms: Equatable {
        var credentials: ReadCredentials?
        var audio: AudioSettings
        var hasMetadata: Bool
        var codec: PictureCodec?
    }

    let path: String
    private let terms: Terms
    /// Where the output does not say how large it is, it may be as large as any camera's picture.
    private let area: Int
    private let bitrateKbps: Int?

    init(_ output: ResolvedOutput, namesSize: Bool, hasMetadata: Bool) {
        path = output.enginePath
        terms = Terms(
            credentials: output.credentials, audio: output.audio, hasMetadata: hasMetadata,
            codec: output.encoding.video.codec)
        area = namesSize ? output.encoding.width * output.encoding.height : .max
        bitrateKbps = output.encoding.bitrateKbps
    }

    func isLower(than other: Offer) -> Bool {
        guard terms == other.terms, isBelow(other), path != other.path else { return false }
        // A smaller picture takes less, unless it is to take more.
        return area < other.area
            ? bitrateKbps ?? 0 <= other.bitrateKbps ?? .max : bitrateKbps ?? .max < other.bitrateKbps ?? .max
    }

    func isBelow(_ other: Offer) -> Bool {
        (area, bitrateKbps ?? .max, path) < (other.area, other.bitrateKbps ?? .max, other.path)
    }
}
