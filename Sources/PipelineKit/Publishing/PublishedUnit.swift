import MediaKit
import NIOCore
import StreamProtocols

/// An access unit as it is sent: its RTP packets, framed for the connection, made once for all targets.
struct PublishedUnit: Sendable {
    /// Interleaved RTP packets, to be written at once.
    var bytes: ByteBuffer
    /// What the stream is, with the parameter sets that came with this keyframe; nil for other units.
    var track: RTPFormat?
    var ssrc: UInt32
    var rtpTimestamp: UInt32
    /// The instant that ``rtpTimestamp`` stands for.
    var captureTime: MonotonicInstant
    var packetCount: Int
    /// Bytes of RTP payload.
    var octetCount: Int

    var isKeyframe: Bool { track != nil }
}

/// The track that a rendition publishes, with the numbers of its packets, which go on from picture to picture.
struct PublishedTrack: Sendable {
    let codec: VideoCodec
    fileprivate(set) var packetizer: any RTPPacketizer

    init(_ codec: VideoCodec) {
        self.codec = codec
        packetizer = RTPFormat(MediaFormat(codec)).makePacketizer()
    }
}

extension PublishedUnit {
    /// Cuts an access unit into packets.
    init(_ sample: Sample, captureTime: MonotonicInstant, track: inout PublishedTrack) {
        let packets = track.packetizer.packetize(sample)
        let numbering = track.packetizer.numbering
        var framed: [UInt8] = []
        // Four bytes of framing a packet (RFC 2326 §10.12).
        framed.reserveCapacity(packets.reduce(0) { $0 + $1.byteCount + 4 })
        for packet in packets { packet.appendInterleaved(channel: PublishSession.rtpChannel, to: &framed) }
        self.init(
            bytes: ByteBuffer(bytes: framed),
            track: sample.isRandomAccess
                ? MediaFormat(codec: track.codec, nalUnits: sample.nalUnits).map {
                    RTPFormat($0, payloadType: numbering.payloadType)
                } : nil,
            ssrc: numbering.ssrc, rtpTimestamp: numbering.rtpTimestamp(of: sample.presentationTime),
            captureTime: captureTime, packetCount: packets.count,
            octetCount: packets.reduce(0) { $0 + $1.payload.count })
    }
}
