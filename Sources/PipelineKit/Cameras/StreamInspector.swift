import MediaKit
import StreamProtocols

/// Finds out about a stream by looking at its packets: rate, distance of keyframes, B-frames. What a camera announces is
/// often wrong.
struct StreamInspector: Sendable {
    private let codec: String
    /// Bytes in a NAL unit's length when packets are length-prefixed (`avcC`); nil when they have start codes.
    private let lengthSize: Int?
    private var firstTime: Double?
    private var lastTime: Double?
    private var keyframeTimes: [Double] = []
    private(set) var packetCount = 0
    /// Whether a B slice was seen; nil for codecs that are not looked into.
    private(set) var hasBFrames: Bool?

    init(codec: String, extradata: [UInt8]) {
        self.codec = codec
        // ISO/IEC 14496-15 §5.3.3.1: the record begins with version 1; Annex B begins with a start code.
        lengthSize =
            codec == "h264" && extradata.count > 4 && extradata[0] == 1 ? Int(extradata[4] & 3) + 1 : nil
        hasBFrames = codec == "h264" || codec == "mjpeg" ? false : nil
    }

    mutating func inspect(_ packet: EncodedPacket) {
        packetCount += 1
        // Decoding order is the order that packets come in, so decoding times never go back.
        if let time = (packet.decodeTime ?? packet.presentationTime)?.seconds {
            firstTime = firstTime ?? time
            lastTime = time
            if packet.isKeyframe { keyframeTimes.append(time) }
        }
        if codec == "h264", hasBFrames == false {
            let bytes = packet.bytes
            let nalUnits =
                lengthSize.map { LengthPrefixedNALUnits.split(bytes[...], lengthSize: $0) ?? [] } ?? AnnexB.split(bytes)
            hasBFrames = nalUnits.contains { H264SliceHeader.sliceType(of: $0) == .b }
        }
    }

    var keyframeCount: Int { keyframeTimes.count }

    /// Frames a second as measured; nil until there are two.
    var framesPerSecond: Double? {
        guard let firstTime, let lastTime, packetCount > 1, lastTime > firstTime else { return nil }
        return Double(packetCount - 1) / (lastTime - firstTime)
    }

    /// The mean distance of keyframes in seconds; nil until two were seen.
    var keyframeIntervalSeconds: Double? {
        guard let first = keyframeTimes.first, let last = keyframeTimes.last, keyframeTimes.count > 1, last > first
        else { return nil }
        return (last - first) / Double(keyframeTimes.count - 1)
    }
}
