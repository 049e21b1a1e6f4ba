/// What an elementary stream of a program carries, as far as it is understood.
enum TSCodec: Sendable, Equatable {
    case pictures(VideoCodec)
    case sound(TSSound)

    /// - Returns: nil for what is not understood.
    init?(_ stream: TSProgramTables.ProgramMap.Stream) {
        switch TSStreamType(rawValue: stream.type) {
        case .h264: self = .pictures(.h264)
        case .h265: self = .pictures(.h265)
        case .aac: self = .sound(.aac)
        case .mpeg1Audio, .mpeg2Audio: self = .sound(.mpegAudio)
        case nil:
            guard stream.type == Self.privateData, let opus = TSSound(opus: stream.descriptors) else { return nil }
            self = .sound(opus)
        }
    }

    var isPictures: Bool { if case .pictures = self { true } else { false } }

    /// stream_type of PES packets with private data, whose descriptors say what it is (ISO/IEC 13818-1 Table 2-34).
    private static let privateData: UInt8 = 0x06

    /// What a stream that is not understood is called; nil of one that is neither pictures nor sound, as far as is known.
    static func name(ofType type: UInt8) -> String? {
        switch type {
        case 0x01, 0x02: "MPEG-2 pictures"
        case 0x10: "MPEG-4 pictures"
        case 0x11: "AAC in LATM"
        case 0x33: "H.266"
        case 0x81: "AC-3"
        case 0x87: "E-AC-3"
        default: nil
        }
    }
}

/// How frames of sound lie in the PES packets of a stream.
enum TSSound: Sendable, Equatable {
    /// Each behind an ADTS header (ISO/IEC 14496-3 §1.A.2.2).
    case aac
    /// With a header of their own.
    case mpegAudio
    /// Each behind a control header (Xiph's "OpusTS", which ffmpeg and GStreamer write).
    case opus(channelCount: Int)

    /// What bytes begin with.
    enum Step {
        case frame(ArraySlice<UInt8>, MediaFormat, byteCount: Int)
        /// The beginning of a frame whose rest is to come.
        case incomplete
        /// Nothing: the next frame may begin one byte further.
        case nothing
    }

    /// Reads the descriptors of a stream of private data; nil when it is no Opus, or of more channels than one stream of it has.
    init?(opus descriptors: ArraySlice<UInt8>) {
        var reader = ByteReader(descriptors)
        var isOpus = false
        var channelCount: Int?
        while let tag = reader.readUInt8(), let length = reader.readUInt8(), let body = reader.readBytes(Int(length)) {
            // registration_descriptor (ISO/IEC 13818-1 §2.6.8), and the extension descriptor 0x80 of DVB: channel_config_code.
            if tag == 0x05, body.starts(with: "Opus".utf8) { isOpus = true }
            if tag == 0x7F, body.first == 0x80 { channelCount = body.dropFirst().first.map { Int($0) } }
        }
        guard isOpus, let channelCount, (1...2).contains(channelCount) else { return nil }
        self = .opus(channelCount: channelCount)
    }

    func next(in bytes: ArraySlice<UInt8>) -> Step {
        switch self {
        case .aac: Self.nextOfAAC(bytes)
        case .mpegAudio: Self.nextOfMPEGAudio(bytes)
        case .opus(let channelCount): Self.nextOfOpus(bytes, channelCount: channelCount)
        }
    }

    private static func nextOfAAC(_ bytes: ArraySlice<UInt8>) -> Step {
        if let adts = ADTSFrame(bytes) {
            return .frame(adts.frame, .aac(adts.configuration), byteCount: adts.frame.endIndex - bytes.startIndex)
        }
        var reader = BitReader(bytes)
        // syncword, ID, layer 0; aac_frame_length 30 bits into the header.
        guard let sync = reader.read(min(12, reader.remainingCount)) else { return .nothing }
        guard reader.position == 12 else { return sync == 0xFF ? .incomplete : .nothing }
        guard sync == 0xFFF else { return .nothing }
        guard reader.skip(18), let length = reader.read(13) else { return .incomplete }
        return length > bytes.count ? .incomplete : .nothing
    }

    private static func nextOfMPEGAudio(_ bytes: ArraySlice<UInt8>) -> Step {
        guard let header = MPEGAudioHeader(bytes) else {
            let isBeginning = bytes.count < MPEGAudioHeader.byteCount && bytes.first == 0xFF
            return isBeginning ? .incomplete : .nothing
        }
        guard header.frameByteCount > MPEGAudioHeader.byteCount else { return .nothing }
        guard bytes.count >= header.frameByteCount else { return .incomplete }
        return .frame(bytes.prefix(header.frameByteCount), .mp3(header.format), byteCount: header.frameByteCount)
    }

    private static func nextOfOpus(_ bytes: ArraySlice<UInt8>, channelCount: Int) -> Step {
        var reader = ByteReader(bytes)
        guard let head = reader.readUInt16() else { return .incomplete }
        // control_header_prefix; start_trim_flag, end_trim_flag, control_extension_flag.
        guard head & 0xFFE0 == 0x7FE0 else { return .nothing }
        var size = 0
        while true {
            guard let part = reader.readUInt8() else { return .incomplete }
            size += Int(part)
            if part < 0xFF { break }
        }
        if head & 0x10 != 0, !reader.skip(2) { return .incomplete }
        if head & 0x08 != 0, !reader.skip(2) { return .incomplete }
        if head & 0x04 != 0 {
            guard let length = reader.readUInt8(), reader.skip(Int(length)) else { return .incomplete }
        }
        guard let packet = reader.readBytes(size) else { return .incomplete }
        return .frame(packet, .opus(channelCount: channelCount), byteCount: reader.rest.startIndex - bytes.startIndex)
    }
}
