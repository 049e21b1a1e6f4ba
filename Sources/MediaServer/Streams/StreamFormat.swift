import StreamProtocols

/// What one track of a stream carries.
enum StreamFormat: Equatable {
    /// Taken apart into access units: a new viewer gets the current group of pictures.
    case accessUnits(TrackFormat)
    /// A codec that is not known here: its packets are passed on as they come.
    case opaque(MediaDescription, payloadType: UInt8, clockRate: UInt32)

    /// The format of a publisher's media section.
    ///
    /// - Throws: when it names no RTP payload type, does not say how fast its clock runs, or is of a codec that never
    ///   has such a clock.
    init(_ media: MediaDescription) throws(StreamFormatError) {
        do throws(TrackFormatError) {
            self = .accessUnits(try TrackFormat(media: media))
        } catch {
            if case .unsupportedClockRate = error { throw .unsupported(error) }
            guard let payloadType = media.payloadTypes.first,
                let clockRate = media.rtpMap(for: payloadType)?.clockRate ?? Self.staticClockRate(payloadType)
            else { throw .unsupported(error) }
            self = .opaque(media, payloadType: payloadType, clockRate: clockRate)
        }
    }

    var clockRate: UInt32 {
        switch self {
        case .accessUnits: TrackCodec.clockRate
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
            encodingName(of: media.rtpMap(for: payloadType), payloadType)
        }
    }

    /// Whether a track of this format can go on with packets of the other: what viewers were told still holds.
    func isCompatible(with other: StreamFormat) -> Bool {
        switch (self, other) {
        case (.accessUnits(let mine), .accessUnits(let theirs)):
            // The parameter sets may differ: they are sent in band.
            mine.codec == theirs.codec
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

    /// Clock rates of static payload types (RFC 3551 §6) that senders may use without saying more; nil for dynamic ones.
    private static func staticClockRate(_ payloadType: UInt8) -> UInt32? {
        switch payloadType {
        case 6: 16_000
        case 10, 11: 44_100
        case 16: 11_025
        case 17: 22_050
        case 14, 25, 26, 28, 31...34: 90_000
        case 96...: nil
        default: 8000
        }
    }
}

/// The encoding name of a payload type that only a stranger has named.
private func encodingName(of map: SDPRTPMap?, _ payloadType: UInt8) -> String {
    map.map { String($0.encodingName.prefix(64)) } ?? "payload type \(payloadType)"
}

/// Why what a publisher announces can't be published.
enum StreamFormatError: Error, Equatable, CustomStringConvertible {
    case unsupported(TrackFormatError)
    case badTrackCount(Int)

    var description: String {
        switch self {
        case .unsupported(let error): error.description
        case .badTrackCount(let count):
            "The description has \(count) tracks; a stream has 1 to \(Stream.trackLimit)."
        }
    }
}

extension [StreamFormat] {
    /// The formats of everything that a publisher announces.
    init(_ description: SessionDescription) throws(StreamFormatError) {
        guard (1...Stream.trackLimit).contains(description.media.count) else {
            throw .badTrackCount(description.media.count)
        }
        self = []
        for media in description.media { append(try StreamFormat(media)) }
    }
}
