import StreamProtocols

/// What one track of a stream carries.
enum StreamFormat: Equatable {
    /// Taken apart into access units: a new viewer gets the current group of pictures.
    case accessUnits(TrackFormat)
    /// A codec that is not known here: its packets are passed on as they come.
    case opaque(MediaDescription, payloadType: UInt8, clockRate: Int)

    /// The format of a publisher's media section; nil when it names no RTP payload type.
    init?(_ media: MediaDescription) {
        if let format = try? TrackFormat(media: media) {
            self = .accessUnits(format)
            return
        }
        guard let payloadType = media.payloadTypes.first else { return nil }
        self = .opaque(
            media,
            payloadType: payloadType,
            clockRate: media.rtpMap(for: payloadType)?.clockRate ?? Self.staticClockRate(payloadType)
        )
    }

    var clockRate: Int {
        switch self {
        case .accessUnits(let format): format.clockRate
        case .opaque(_, _, let clockRate): clockRate
        }
    }

    var payloadType: UInt8 {
        switch self {
        case .accessUnits(let format): format.payloadType
        case .opaque(_, let payloadType, _): payloadType
        }
    }

    /// As the control API names it: the RTP encoding name.
    var name: String {
        switch self {
        case .accessUnits(let format): format.codec.rawValue
        case .opaque(let media, let payloadType, _):
            media.rtpMap(for: payloadType)?.encodingName ?? "payload type \(payloadType)"
        }
    }

    /// Whether a track of this format can go on with packets of the other: what viewers were told still holds.
    func isCompatible(with other: StreamFormat) -> Bool {
        switch (self, other) {
        case (.accessUnits(let mine), .accessUnits(let theirs)):
            // The parameter sets may differ: they are sent in band.
            mine.codec == theirs.codec && mine.clockRate == theirs.clockRate
        case (.opaque(let mine, let myType, let myRate), .opaque(let theirs, let theirType, let theirRate)):
            mine.kind == theirs.kind && myRate == theirRate
                && mine.rtpMap(for: myType)?.encodingName == theirs.rtpMap(for: theirType)?.encodingName
                && mine.formatParameters(for: myType) == theirs.formatParameters(for: theirType)
        case (.accessUnits, .opaque), (.opaque, .accessUnits):
            false
        }
    }

    /// The media section that viewers get.
    func mediaDescription(control: String) -> MediaDescription {
        switch self {
        case .accessUnits(let format):
            return format.mediaDescription(control: control)
        case .opaque(let media, let payloadType, _):
            // Addresses, ports and directions of the publisher's session mean nothing to a viewer.
            let kept = media.attributes.filter { ["rtpmap", "fmtp"].contains($0.name) }
            return MediaDescription(
                kind: media.kind,
                protocolName: "RTP/AVP",
                formats: [String(payloadType)],
                attributes: kept.filter { $0.value?.hasPrefix("\(payloadType) ") ?? false }
                    + [SDPAttribute("control", control)]
            )
        }
    }

    /// Clock rates of static payload types (RFC 3551 §6) that senders may use without saying more.
    private static func staticClockRate(_ payloadType: UInt8) -> Int {
        switch payloadType {
        case 6: 16_000
        case 10, 11: 44_100
        case 16: 11_025
        case 17: 22_050
        case 14, 25, 26, 28, 31...34: 90_000
        default: 8000
        }
    }
}
