import MediaKit
import NIOCore
import StreamModel
import StreamProtocols

/// A picture or a frame of sound as it goes to every sink: the sample, and its RTP packets, framed for a connection of RTSP and made
/// once for all of these.
struct PublishedUnit: Sendable {
    /// On the clock of its track.
    var sample: Sample
    /// Interleaved RTP packets, to be written at once.
    var bytes: ByteBuffer
    /// The number of its track.
    var track: Int
    /// When it is presented, since ``StreamDescription/origin``.
    var time: Duration
    /// When it is decoded, likewise; earlier only in streams with B-frames.
    var decodeTime: Duration
    /// What the stream is from this keyframe on, with the parameter sets that came with it; nil for other units.
    var stream: StreamDescription?
    var packetCount: Int
    /// Bytes of RTP payload.
    var octetCount: Int
    /// What takes the place of a picture where viewers see its metadata; nil where nobody is to see any, and of sound.
    var annotated: Annotated?

    struct Annotated: Sendable {
        /// The paths of these viewers when it was made: the numbers of its packets are theirs.
        var audience: Set<String>
        var sample: Sample
        var bytes: ByteBuffer
        var packetCount: Int
        var octetCount: Int
    }

    /// The unit as it goes to the viewers of a path.
    func seen(on path: String) -> PublishedUnit {
        guard let annotated, annotated.audience.contains(path) else { return self }
        var unit = self
        (unit.sample, unit.bytes) = (annotated.sample, annotated.bytes)
        (unit.packetCount, unit.octetCount) = (annotated.packetCount, annotated.octetCount)
        unit.annotated = nil
        return unit
    }

    var isKeyframe: Bool { stream != nil }
    var isPicture: Bool { track == PublishedStream.pictureTrack }
}

/// What a publisher announces, and what its reports say.
struct StreamDescription: Sendable {
    struct Track: Sendable {
        /// Tells where its packets go; the same as long as the stream has the track.
        var number: Int
        /// nil of the picture.
        var version: SoundVersion?
        var format: RTPFormat
        var ssrc: UInt32
        /// The RTP timestamp of ``StreamDescription/origin``.
        var originTimestamp: UInt32
    }

    /// The picture, and the sounds behind it where there are any.
    var tracks: [Track]
    /// What was known of the camera's sound, which decides who hears what.
    var camera: KnownSound
    /// An instant of the one clock that all tracks are on.
    var origin: MonotonicInstant

    var formats: [RTPFormat] { tracks.map(\.format) }

    /// With the sounds that the viewers of a path are to hear, and no others.
    func limited(to sound: PathSound) -> StreamDescription {
        var result = self
        result.tracks =
            tracks.filter { $0.version == nil }
            + sound.versions(of: camera).compactMap { version in tracks.first { $0.version == version } }
        return result
    }

    /// Whether viewers who were told the one can go on with the other.
    func isCompatible(with other: StreamDescription) -> Bool {
        tracks.map(\.number) == other.tracks.map(\.number)
            && zip(formats, other.formats).allSatisfy {
                $0.media.isCompatible(with: $1.media) && $0.clockRate == $1.clockRate
            }
    }
}

/// The sounds that a rendition publishes beside its pictures.
struct PublishedSounds: Sendable, Equatable {
    struct Track: Sendable, Equatable {
        var version: SoundVersion
        var format: RTPFormat
    }

    /// What is known of the camera's sound.
    private(set) var camera = KnownSound.unknown
    /// None twice.
    private(set) var tracks: [Track] = []

    init() {}

    /// - Parameter paths: what the viewers of each path are to hear.
    init(of camera: KnownSound, for paths: [PathSound]) {
        self.camera = camera
        for version in paths.flatMap({ $0.versions(of: camera) })
        where !tracks.contains(where: { $0.version == version }) {
            guard let format = version.encoding?.format ?? camera.format else { continue }
            tracks.append(Track(version: version, format: format))
        }
    }

    var versions: Set<SoundVersion> { Set(tracks.map(\.version)) }
    var encodings: Set<SoundEncoding> { Set(tracks.compactMap(\.version.encoding)) }
}

/// What a rendition publishes: pictures, and sounds beside them where there are any. It cuts all of them into packets, and numbers
/// them on from one to the next.
struct PublishedStream: Sendable {
    static let pictureTrack = 0
    private static let firstPayloadType: UInt8 = 96

    private struct Track: Sendable {
        let number: Int
        var format: RTPFormat
        var packetizer: any RTPPacketizer

        init(_ format: RTPFormat, number: Int) {
            self.number = number
            self.format = format
            packetizer = format.makePacketizer()
        }

        func description(_ version: SoundVersion?) -> StreamDescription.Track {
            let numbering = packetizer.numbering
            return StreamDescription.Track(
                number: number, version: version, format: format, ssrc: numbering.ssrc,
                originTimestamp: numbering.rtpTimestamp(of: 0))
        }
    }

    let codec: VideoCodec
    /// The instant of timestamp zero, on which all tracks count.
    let origin: MonotonicInstant
    private var pictures: Track
    /// The same with their metadata, which takes packets of its own; nil while nobody is to see it.
    private var annotatedPictures: Track?
    /// All that were described, so that they keep their numbers.
    private var soundTracks: [SoundVersion: Track] = [:]
    /// Those that are described now.
    private var described = PublishedSounds()
    /// What the sounds are from the next keyframe on: a stream is described with a keyframe alone.
    var sounds: PublishedSounds
    /// The paths whose viewers see the metadata of pictures, from the next one on.
    var audience: Set<String> = [] {
        didSet {
            guard audience != oldValue else { return }
            // Numbers of packets go on, or some are left out between two pictures, wherever a path gets its packets from now.
            if let annotatedPictures { pictures.packetizer = annotatedPictures.packetizer }
            annotatedPictures = audience.isEmpty ? nil : pictures
        }
    }

    init(_ codec: VideoCodec, origin: MonotonicInstant, sounds: PublishedSounds = PublishedSounds()) {
        self.codec = codec
        self.origin = origin
        self.sounds = sounds
        pictures = Track(
            RTPFormat(MediaFormat(codec), payloadType: Self.firstPayloadType), number: Self.pictureTrack)
    }

    /// Whether there has been a keyframe, with which it was described.
    private(set) var isDescribed = false

    /// Whether the sounds that are described are those that should be.
    var areSoundsDescribed: Bool { described == sounds }

    /// A picture of the stream; its time counts from ``origin``.
    ///
    /// - Parameters:
    ///   - metadata: travels with it, to viewers of ``audience``.
    ///   - decodeTime: likewise; nil where pictures are decoded when they are presented.
    mutating func picture(
        _ sample: Sample, metadata: PictureMetadata? = nil, decodeTime: Int64? = nil
    ) -> PublishedUnit {
        var description: StreamDescription?
        if sample.isRandomAccess, let media = MediaFormat(codec: codec, nalUnits: sample.nalUnits) {
            pictures.format.media = media
            if !areSoundsDescribed { describeSounds() }
            isDescribed = true
            description = StreamDescription(
                tracks: [pictures.description(nil)]
                    + described.tracks.compactMap { soundTracks[$0.version]?.description($0.version) },
                camera: described.camera, origin: origin)
        }
        var unit = Self.unit(sample, decodeTime: decodeTime, &pictures, description)
        if var track = annotatedPictures {
            let carrying = metadata.map { sample.carrying($0, codec: codec) } ?? sample
            let annotated = Self.unit(carrying, decodeTime: decodeTime, &track, nil)
            annotatedPictures = track
            unit.annotated = PublishedUnit.Annotated(
                audience: audience, sample: annotated.sample, bytes: annotated.bytes,
                packetCount: annotated.packetCount, octetCount: annotated.octetCount)
        }
        return unit
    }

    /// A frame of one of the stream's sounds, likewise; nil while it is not described.
    ///
    /// - Parameter format: as it came.
    mutating func sound(_ sample: Sample, _ version: SoundVersion, _ format: RTPFormat) -> PublishedUnit? {
        guard described.tracks.contains(PublishedSounds.Track(version: version, format: format)),
            sounds.versions.contains(version), var track = soundTracks[version]
        else { return nil }
        defer { soundTracks[version] = track }
        return Self.unit(sample, decodeTime: nil, &track, nil)
    }

    private mutating func describeSounds() {
        described = sounds
        for sound in sounds.tracks {
            let number = soundTracks[sound.version]?.number ?? soundTracks.count + 1
            // Fixed payload types say all that there is to say (RFC 3551 §6).
            let payloadType =
                sound.format.media.fixedPayloadType
                ?? Self.firstPayloadType + UInt8(truncatingIfNeeded: number % Self.dynamicPayloadTypes)
            let format = RTPFormat(
                sound.format.media, payloadType: payloadType, clockRate: sound.format.clockRate)
            guard soundTracks[sound.version]?.format != format else { continue }
            soundTracks[sound.version] = Track(format, number: number)
        }
    }

    /// 96…127.
    private static let dynamicPayloadTypes = 32

    private static func unit(
        _ sample: Sample, decodeTime: Int64?, _ track: inout Track, _ description: StreamDescription?
    ) -> PublishedUnit {
        let packets = track.packetizer.packetize(sample)
        var framed: [UInt8] = []
        // Four bytes of framing a packet (RFC 2326 §10.12).
        framed.reserveCapacity(packets.reduce(0) { $0 + $1.byteCount + 4 })
        let channel = PublishSession.channels(ofTrack: track.number).rtp
        for packet in packets { packet.appendInterleaved(channel: channel, to: &framed) }
        let clock = MediaTimeBase(denominator: Int32(clamping: track.format.clockRate))
        return PublishedUnit(
            sample: sample, bytes: ByteBuffer(bytes: framed), track: track.number,
            time: MediaTime(ticks: sample.presentationTime, timeBase: clock).duration,
            decodeTime: MediaTime(ticks: decodeTime ?? sample.presentationTime, timeBase: clock).duration,
            stream: description, packetCount: packets.count,
            octetCount: packets.reduce(0) { $0 + $1.payload.count })
    }
}
