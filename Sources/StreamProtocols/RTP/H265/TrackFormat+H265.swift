extension TrackFormat {
    /// Reads the parameters of RFC 7798 §7.1.
    static func h265(media: MediaDescription, payloadType: UInt8) throws(TrackFormatError) -> TrackFormat {
        let parameters = media.formatParameters(for: payloadType)
        // More than 0 puts a number into each packet (DONL), by which NAL units are sorted; no camera is known to.
        let difference = parameters["sprop-max-don-diff"].flatMap { Int($0) } ?? 0
        guard difference == 0 else { throw .unsupportedDecodingOrder(maxDONDifference: difference) }
        let nalUnits = ["sprop-vps", "sprop-sps", "sprop-pps"].flatMap { name in
            parameters[name].map(SpropNALUnits.decode) ?? []
        }
        var format = TrackFormat.h265(
            payloadType: payloadType, parameterSets: H265ParameterSets(nalUnits: nalUnits))
        format.clockRate = media.rtpMap(for: payloadType)?.clockRate ?? format.clockRate
        return format
    }
}

extension H265ParameterSets {
    /// The `fmtp` value (RFC 7798 §7.1): `sprop-vps=…; sprop-sps=…; sprop-pps=…`.
    var formatParameters: String {
        [("sprop-vps", [vps]), ("sprop-sps", [sps]), ("sprop-pps", [pps] + additionalPPS)]
            .map { name, sets in "\(name)=\(SpropNALUnits.encode(sets))" }.joined(separator: "; ")
    }
}
