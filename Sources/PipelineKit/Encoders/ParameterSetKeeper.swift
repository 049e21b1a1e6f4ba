import StreamProtocols

/// Sees to it that a viewer can join at every keyframe: hardware encoders may send their parameter sets only once, or in a
/// packet of their own.
struct ParameterSetKeeper: Sendable {
    private var latest: H264ParameterSets?

    /// - Returns: the access unit, with parameter sets if it is a keyframe; nil when it holds no picture.
    mutating func complete(_ nalUnits: [ArraySlice<UInt8>], isKeyframe: Bool) -> [ArraySlice<UInt8>]? {
        let sets = H264ParameterSets(nalUnits: nalUnits)
        if let sets { latest = sets }
        guard nalUnits.contains(where: { H264NALType(of: $0)?.isVCL == true }) else { return nil }
        guard isKeyframe, sets == nil, let latest else { return nalUnits }
        return latest.nalUnits.map { $0[...] } + nalUnits
    }
}
