extension TrackFormat {
    /// Reads the parameters of RFC 6184 §8.1.
    static func h264(media: MediaDescription, payloadType: UInt8) throws(TrackFormatError) -> TrackFormat {
        let parameters = media.formatParameters(for: payloadType)
        // Interleaved mode (2) reorders NAL units; no camera or encoder is known to send it.
        let mode = parameters["packetization-mode"].flatMap { Int($0) } ?? 0
        guard mode == 0 || mode == 1 else { throw .unsupportedPacketizationMode(mode) }
        var format = TrackFormat.h264(
            payloadType: payloadType,
            parameterSets: parameters["sprop-parameter-sets"].flatMap(H264ParameterSets.init(spropParameterSets:))
        )
        format.clockRate = media.rtpMap(for: payloadType)?.clockRate ?? format.clockRate
        return format
    }

}

extension H264ParameterSets {
    /// What the `fmtp` value (RFC 6184 §8.1) says of the sets: `sprop-parameter-sets=…; profile-level-id=…`.
    var formatParameters: String {
        (["sprop-parameter-sets=\(spropParameterSets)"] + (profileLevelID.map { ["profile-level-id=\($0)"] } ?? []))
            .joined(separator: "; ")
    }
}
