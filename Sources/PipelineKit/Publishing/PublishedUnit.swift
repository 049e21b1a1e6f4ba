import MediaKit
import NIOCore
import StreamProtocols

/// A picture or a frame of sound as it is sent: its RTP packets, framed for the connection, made once for all targets.
struct PublishedUnit: Sendable {
    /// Interleaved RTP packets, to be written at once.
    var bytes: ByteBuffer
    /// Its place in the stream's description.
    var track: Int
    /// What the stream is from this keyframe on, with the parameter sets that came with it; nil for other units.
    var stream: StreamDescription?
    var packetCount: Int
    /// Bytes of RTP payload.
    var octetCount: Int

    var isKeyframe: Bool { stream != nil }
    var isPicture: Bool { track == PublishedStream.pictureTrack }
}

/// What a publisher announces, and what its reports say.
struct StreamDescription: Sendable {
    struct Track: Sendable {
        var format: RTPFormat
        var ssrc: UInt32
        /// The RTP timestamp of ``StreamDescription/origin``.
        var originTimestamp: UInt32
    }

    /// The picture, and the sound behind it where there is any.
    var tracks: [Track]
    /// An instant of the one clock that all tracks are on.
    var origin: MonotonicInstant

    var formats: [RTPFormat] { tracks.map(\.format) }

    var withoutSound: StreamDescription { StreamDescription(tracks: Array(tracks.prefix(1)), origin: origin) }

    /// Whether viewers who were told the one can go on with the other.
    func isCompatible(with other: StreamDescription) -> Bool {
        tracks.count == other.tracks.count
            && zip(formats, other.formats).allSatisfy {
                $0.media.isCompatible(with: $1.media) && $0.clockRate == $1.clockRate
            }
    }
}

/// What a rendition publishes: pictures, and sound beside them where there is any. It cuts both into packets, and numbers them
/// on from one to the next.
struct PublishedStream: Sendable {
    static let pictureTrack = 0
    static let soundTrack = 1
    private static let picturePayloadType: UInt8 = 96
    private static let soundPayloadType: UInt8 = 97

    private struct Track: Sendable {
        var format: RTPFormat
        var packetizer: any RTPPacketizer

        init(_ format: RTPFormat) {
            self.format = format
            packetizer = format.makePacketizer()
        }

        var description: StreamDescription.Track {
            let numbering = packetizer.numbering
            return StreamDescription.Track(
                format: format, ssrc: numbering.ssrc, originTimestamp: numbering.rtpTimestamp(of: 0))
        }
    }

    let codec: VideoCodec
    /// The instant of timestamp zero, on which all tracks count.
    let origin: MonotonicInstant
    private var pictures: Track
    private var sound: Track?
    /// What the sound is from the next keyframe on: a stream is described with a keyframe alone.
    private(set) var soundFormat: RTPFormat?

    /// - Parameter sound: nil without.
    init(_ codec: VideoCodec, origin: MonotonicInstant, sound: RTPFormat? = nil) {
        self.codec = codec
        self.origin = origin
        pictures = Track(RTPFormat(MediaFormat(codec), payloadType: Self.picturePayloadType))
        setSound(sound)
    }

    /// The sound is another one, or none, from the next keyframe on.
    ///
    /// - Parameter format: as the camera sends it.
    mutating func setSound(_ format: RTPFormat?) {
        soundFormat = format.map { format in
            // Fixed payload types say all that there is to say (RFC 3551 §6).
            RTPFormat(
                format.media, payloadType: format.media.fixedPayloadType ?? Self.soundPayloadType,
                clockRate: format.clockRate)
        }
    }

    /// Whether the sound that is described is the one that should be.
    var isSoundDescribed: Bool { sound?.format == soundFormat }

    /// A picture of the stream; its time counts from ``origin``.
    mutating func picture(_ sample: Sample) -> PublishedUnit {
        var description: StreamDescription?
        if sample.isRandomAccess, let media = MediaFormat(codec: codec, nalUnits: sample.nalUnits) {
            pictures.format.media = media
            if !isSoundDescribed { sound = soundFormat.map { Track($0) } }
            description = StreamDescription(
                tracks: ([pictures] + [sound].compactMap(\.self)).map(\.description), origin: origin)
        }
        return Self.unit(sample, Self.pictureTrack, &pictures, description)
    }

    /// A frame of the stream's sound, likewise; nil while another one is described.
    mutating func sound(_ sample: Sample) -> PublishedUnit? {
        guard isSoundDescribed, var track = sound else { return nil }
        defer { sound = track }
        return Self.unit(sample, Self.soundTrack, &track, nil)
    }

    private static func unit(
        _ sample: Sample, _ index: Int, _ track: inout Track, _ description: StreamDescription?
    ) -> PublishedUnit {
        let packets = track.packetizer.packetize(sample)
        var framed: [UInt8] = []
        // Four bytes of framing a packet (RFC 2326 §10.12).
        framed.reserveCapacity(packets.reduce(0) { $0 + $1.byteCount + 4 })
        let channel = PublishSession.channels(ofTrack: index).rtp
        for packet in packets { packet.appendInterleaved(channel: channel, to: &framed) }
        return PublishedUnit(
            bytes: ByteBuffer(bytes: framed), track: index, stream: description, packetCount: packets.count,
            octetCount: packets.reduce(0) { $0 + $1.payload.count })
    }
}
