extension H265ParameterSets {
    /// Reads the `fmtp` parameters (RFC 7798 §7.1); nil when they name no parameter sets.
    init?(formatParameters: [String: String]) throws(RTPFormatError) {
        // More than 0 puts a number into each packet (DONL), by which NAL units are sorted; no camera is known to.
        let difference = formatParameters["sprop-max-don-diff"].flatMap { Int($0) } ?? 0
        guard difference == 0 else { throw .unsupportedDecodingOrder(maxDONDifference: difference) }
        self.init(
            nalUnits: ["sprop-vps", "sprop-sps", "sprop-pps"].flatMap { name in
                formatParameters[name].map(SpropNALUnits.decode) ?? []
            })
    }

    /// The `fmtp` value (RFC 7798 §7.1): `sprop-vps=…; sprop-sps=…; sprop-pps=…`.
    var formatParameters: String {
        [("sprop-vps", [vps]), ("sprop-sps", [sps]), ("sprop-pps", [pps] + additionalPPS)]
            .map { name, sets in "\(name)=\(SpropNALUnits.encode(sets))" }.joined(separator: "; ")
    }
}
