/// What the attributes of a media section say of its payload types, gathered in one pass: a hostile description names
/// all types and gives each as many attributes as fit.
struct SDPFormatIndex {
    /// The first `rtpmap` of each payload type that can be read.
    private(set) var maps: [UInt8: SDPRTPMap] = [:]
    /// The `fmtp` parameters of each payload type: names in lower case, the first value of each.
    private(set) var parameters: [UInt8: [String: String]] = [:]
    /// The first `fmtp` value of each, as it came.
    private(set) var parameterTexts: [UInt8: String] = [:]

    init(_ attributes: [SDPAttribute]) {
        for attribute in attributes {
            guard let value = attribute.value else { continue }
            if attribute.name.equalsIgnoringASCIICase("rtpmap") {
                if let map = SDPRTPMap(parsing: value), maps[map.payloadType] == nil { maps[map.payloadType] = map }
            } else if attribute.name.equalsIgnoringASCIICase("fmtp") {
                addParameters(value)
            }
        }
    }

    /// `<payload type> <name>=<value>; …` (RFC 4566 §6).
    private mutating func addParameters(_ value: String) {
        guard let (type, rest) = value.trimmingASCIIWhitespace().splitOnce(at: " "), let payloadType = UInt8(type)
        else {
            return
        }
        if parameterTexts[payloadType] == nil { parameterTexts[payloadType] = rest.trimmingASCIIWhitespace() }
        for parameter in rest.split(at: ";", maxSplits: SDPLimits.formatParameterCount) {
            // Base64 ends in "=" too, so only the first one separates.
            let (name, value) = parameter.splitOnce(at: "=") ?? (parameter, "")
            let key = name.trimmingASCIIWhitespace().lowercased()
            guard !key.isEmpty, parameters[payloadType]?[key] == nil else { continue }
            parameters[payloadType, default: [:]][key] = value.trimmingASCIIWhitespace()
        }
    }
}
