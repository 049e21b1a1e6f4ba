import StreamProtocols

/// Sees to it that a viewer can join at every keyframe: hardware encoders may send their parameter sets only once, or in a
/// packet of their own.
struct ParameterSetKeeper: Sendable {
    private let codec: VideoCodec
    private var latest: MediaFormat?

    init(codec: VideoCodec) { self.codec = codec }

    /// - Returns: the access unit, with parameter sets if it is a keyframe; nil when it holds no picture.
    mutating func complete(_ nalUnits: [ArraySlice<UInt8>], isKeyframe: Bool) -> [ArraySlice<UInt8>]? {
        let sets = MediaFormat(codec: codec, nalUnits: nalUnits)
        if let sets { latest = sets }
        guard nalUnits.contains(where: { codec.kind(of: $0).isPicture }) else { return nil }
        guard isKeyframe, sets == nil, let latest else { return nalUnits }
        return latest.parameterSets.map { $0[...] } + nalUnits
    }
}
