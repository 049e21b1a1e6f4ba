/// An RTCP packet (RFC 3550 §6). Several make a compound packet, which is what a datagram or an interleaved frame
/// holds.
public enum RTCPPacket: Sendable, Equatable {
    case senderReport(RTCPSenderReport)
    case receiverReport(RTCPReceiverReport)
    case sourceDescription(RTCPSourceDescription)
    case goodbye(RTCPGoodbye)
    case pictureLossIndication(RTCPPictureLossIndication)
    case fullIntraRequest(RTCPFullIntraRequest)
    case genericNACK(RTCPGenericNACK)
    case transportFeedback(RTCPTransportFeedback)
    case receiverEstimate(RTCPReceiverEstimate)
    /// A type that is not taken apart (APP, other feedback, extended reports): its `count` field and what follows its header.
    case other(type: UInt8, count: UInt8, body: [UInt8])

    /// Packets in one compound packet.
    public static let compoundCountLimit = 64

    /// Reads a compound packet (RFC 3550 §6.1).
    ///
    /// The rule that it begins with a report is not enforced: reduced-size RTCP (RFC 5506) breaks it.
    public static func parseCompound(_ bytes: ArraySlice<UInt8>) throws(RTCPError) -> [RTCPPacket] {
        guard !bytes.isEmpty else { throw .empty }
        var packets: [RTCPPacket] = []
        var reader = ByteReader(bytes)
        while !reader.isAtEnd {
            guard packets.count < compoundCountLimit else { throw .tooManyPackets(limit: compoundCountLimit) }
            packets.append(try RTCPPacket(&reader, byteCount: bytes.count))
        }
        return packets
    }

    /// Reads a compound packet from an array that holds nothing else.
    public static func parseCompound(_ bytes: [UInt8]) throws(RTCPError) -> [RTCPPacket] {
        try parseCompound(bytes[...])
    }

    /// The packets in wire format, one after the other.
    public static func serializeCompound(_ packets: [RTCPPacket]) -> [UInt8] {
        var bytes: [UInt8] = []
        for packet in packets { packet.append(to: &bytes) }
        return bytes
    }

    /// The same as RTSP interleaved binary data: `$`, the channel, the length in two bytes, the packets (RFC 2326 §10.12).
    /// A compound of more than 65 535 bytes can't be framed.
    public static func interleavedCompound(_ packets: [RTCPPacket], channel: UInt8) -> [UInt8] {
        let compound = serializeCompound(packets)
        var bytes: [UInt8] = [0x24, channel]
        bytes.appendBigEndian(UInt16(clamping: compound.count))
        return bytes + compound
    }

    static let senderReportType: UInt8 = 200
    static let receiverReportType: UInt8 = 201
    static let sourceDescriptionType: UInt8 = 202
    static let goodbyeType: UInt8 = 203
    /// RTPFB (RFC 4585 §6.2); what it says is in the count field.
    static let transportFeedbackType: UInt8 = 205
    /// PSFB (RFC 4585 §6.3), likewise.
    static let payloadFeedbackType: UInt8 = 206

    /// Whether somebody who receives pictures needs one that decoding can begin with.
    public var asksForKeyframe: Bool {
        switch self {
        case .pictureLossIndication, .fullIntraRequest: true
        case .senderReport, .receiverReport, .sourceDescription, .goodbye, .genericNACK, .transportFeedback,
            .receiverEstimate, .other:
            false
        }
    }

    /// Reads the common header (RFC 3550 §6.4.1) and the packet behind it.
    private init(_ reader: inout ByteReader, byteCount: Int) throws(RTCPError) {
        guard let first = reader.readUInt8(), let type = reader.readUInt8(), let words = reader.readUInt16() else {
            throw .truncated(byteCount: byteCount)
        }
        guard first >> 6 == 2 else { throw .unsupportedVersion(first >> 6) }
        guard var body = reader.readBytes(Int(words) * 4) else { throw .truncated(byteCount: byteCount) }
        if first & 0x20 != 0 {
            guard let padding = body.last, padding > 0, Int(padding) <= body.count else { throw .invalidPadding }
            body.removeLast(Int(padding))
        }
        let count = first & 0x1F
        var content = ByteReader(body)
        let packet: RTCPPacket? =
            switch type {
            case Self.senderReportType: RTCPSenderReport(&content, blockCount: count).map { .senderReport($0) }
            case Self.receiverReportType: RTCPReceiverReport(&content, blockCount: count).map { .receiverReport($0) }
            case Self.sourceDescriptionType:
                RTCPSourceDescription(&content, chunkCount: count).map { .sourceDescription($0) }
            case Self.goodbyeType: RTCPGoodbye(&content, sourceCount: count).map { .goodbye($0) }
            case Self.payloadFeedbackType where count == RTCPPictureLossIndication.format:
                RTCPPictureLossIndication(&content).map { .pictureLossIndication($0) }
            case Self.payloadFeedbackType where count == RTCPFullIntraRequest.format:
                RTCPFullIntraRequest(&content).map { .fullIntraRequest($0) }
            case Self.transportFeedbackType where count == RTCPGenericNACK.format:
                RTCPGenericNACK(&content).map { .genericNACK($0) }
            case Self.transportFeedbackType where count == RTCPTransportFeedback.format:
                RTCPTransportFeedback(&content).map { .transportFeedback($0) }
            case Self.payloadFeedbackType
            where count == RTCPReceiverEstimate.format && RTCPReceiverEstimate.isOne(body):
                RTCPReceiverEstimate(&content).map { .receiverEstimate($0) }
            default: .other(type: type, count: count, body: [UInt8](body))
            }
        guard let packet else { throw .malformed(type: type) }
        self = packet
    }

    /// Appends the packet in wire format.
    public func append(to bytes: inout [UInt8]) {
        var body: [UInt8] = []
        let type: UInt8
        let count: Int
        switch self {
        case .senderReport(let report):
            type = Self.senderReportType
            count = report.append(to: &body)
        case .receiverReport(let report):
            type = Self.receiverReportType
            count = report.append(to: &body)
        case .sourceDescription(let description):
            type = Self.sourceDescriptionType
            count = description.append(to: &body)
        case .goodbye(let goodbye):
            type = Self.goodbyeType
            count = goodbye.append(to: &body)
        case .pictureLossIndication(let indication):
            type = Self.payloadFeedbackType
            count = RTCPPictureLossIndication.format
            indication.append(to: &body)
        case .fullIntraRequest(let request):
            type = Self.payloadFeedbackType
            count = RTCPFullIntraRequest.format
            request.append(to: &body)
        case .genericNACK(let nack):
            type = Self.transportFeedbackType
            count = RTCPGenericNACK.format
            nack.append(to: &body)
        case .transportFeedback(let feedback):
            type = Self.transportFeedbackType
            count = RTCPTransportFeedback.format
            feedback.append(to: &body)
        case .receiverEstimate(let estimate):
            type = Self.payloadFeedbackType
            count = RTCPReceiverEstimate.format
            estimate.append(to: &body)
        case .other(let otherType, let otherCount, let otherBody):
            type = otherType
            count = Int(otherCount)
            body = otherBody
        }
        while body.count % 4 != 0 { body.append(0) }
        // The length field counts at most 65 535 words; what is written here stays far below.
        body.removeLast(max(0, body.count - 4 * Int(UInt16.max)))
        bytes.append(0x80 | UInt8(truncatingIfNeeded: count & 0x1F))
        bytes.append(type)
        bytes.appendBigEndian(UInt16(truncatingIfNeeded: body.count / 4))
        bytes.append(contentsOf: body)
    }

    /// The most items that the five-bit count field allows.
    static let itemCountLimit = 31

    /// A text as it fits into an item, whose length is one byte (RFC 3550 §6.5), without half a character at its end. One that
    /// was no UTF-8 has grown by being read.
    static func itemText(_ text: String) -> String {
        guard text.utf8.count > 255 else { return text }
        var end = text.utf8.index(text.startIndex, offsetBy: 255)
        while end.samePosition(in: text.unicodeScalars) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }
}
