import MediaKit
import NIOCore
import StreamProtocols

/// An access unit as it is sent: its RTP packets, framed for the connection, made once for all targets.
struct PublishedUnit: Sendable {
    /// Interleaved RTP packets, to be written at once.
    var bytes: ByteBuffer
    /// What the stream is, with the parameter sets that came with this keyframe; nil for other units.
    var track: TrackFormat?
    var ssrc: UInt32
    var rtpTimestamp: UInt32
    /// The instant that ``rtpTimestamp`` stands for.
    var captureTime: MonotonicInstant
    var packetCount: Int
    /// Bytes of RTP payload.
    var octetCount: Int

    var isKeyframe: Bool { track != nil }
}

extension PublishedUnit {
    /// Cuts an access unit into packets.
    init(_ unit: AccessUnit, captureTime: MonotonicInstant, packetizer: inout any RTPPacketizer) {
        let packets = packetizer.packetize(unit)
        var framed: [UInt8] = []
        // Four bytes of framing a packet (RFC 2326 §10.12).
        framed.reserveCapacity(packets.reduce(0) { $0 + $1.byteCount + 4 })
        for packet in packets { packet.appendInterleaved(channel: PublishSession.rtpChannel, to: &framed) }
        self.init(
            bytes: ByteBuffer(bytes: framed),
            track: unit.isRandomAccess
                ? VideoParameterSets(codec: packetizer.codec, nalUnits: unit.nalUnits).map {
                    TrackFormat(codec: packetizer.codec, payloadType: packetizer.payloadType, parameterSets: $0)
                } : nil,
            ssrc: packetizer.ssrc, rtpTimestamp: packetizer.rtpTimestamp(of: unit.timestamp), captureTime: captureTime,
            packetCount: packets.count, octetCount: packets.reduce(0) { $0 + $1.payload.count })
    }
}
