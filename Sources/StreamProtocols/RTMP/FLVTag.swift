/// What a message of pictures holds (Adobe's FLV specification 10.1, §E.4.3; Enhanced RTMP 2).
public enum FLVVideo: Sendable, Equatable {
    /// The parameter sets, and how long the lengths before NAL units are.
    case configuration(MediaFormat, lengthSize: Int)
    /// A picture's NAL units behind their lengths.
    ///
    /// - `compositionOffset`: milliseconds from the message's time, which is that of decoding, to when it is shown.
    case picture(VideoCodec, ArraySlice<UInt8>, compositionOffset: Int32)
    /// Of a codec that is not understood.
    case unsupported(String)
    /// The end of a sequence, and what else says nothing about pictures.
    case nothing

    /// - Returns: nil when it is malformed.
    public init?(_ payload: ArraySlice<UInt8>) {
        var reader = ByteReader(payload)
        guard let head = reader.readUInt8() else { return nil }
        let codec: VideoCodec
        let packetType: UInt8
        if head & 0x80 != 0 {
            // ExVideoTagHeader.
            packetType = head & 0x0F
            guard let fourCC = reader.readBytes(4) else { return nil }
            switch String(decoding: fourCC, as: UTF8.self) {
            case "avc1": codec = .h264
            case "hvc1": codec = .h265
            case "av01":
                self = .unsupported("AV1")
                return
            case "vp09":
                self = .unsupported("VP9")
                return
            default:
                self = .unsupported("an unknown codec")
                return
            }
            // CodedFramesX has no offset.
            if packetType == 3 {
                self = .picture(codec, reader.rest, compositionOffset: 0)
                return
            }
        } else {
            switch head & 0x0F {
            case 7: codec = .h264
            // As some programs did before there was a standard.
            case 12: codec = .h265
            default:
                self = .unsupported("codec \(head & 0x0F) of FLV")
                return
            }
            guard let type = reader.readUInt8() else { return nil }
            packetType = type
        }
        switch packetType {
        case 0:
            if head & 0x80 == 0, !reader.skip(3) { return nil }
            guard let format = MediaFormat(codec: codec, decoderConfigurationRecord: reader.rest),
                let lengthSize = codec.nalUnitLengthSize(extradata: [UInt8](reader.rest))
            else { return nil }
            self = .configuration(format, lengthSize: lengthSize)
        case 1:
            guard let offset = reader.readInt24() else { return nil }
            self = .picture(codec, reader.rest, compositionOffset: offset)
        default: self = .nothing
        }
    }
}

/// What a message of sound holds (§E.4.2).
public enum FLVAudio: Sendable, Equatable {
    case configuration(MediaFormat)
    case frame(ArraySlice<UInt8>)
    case unsupported(String)
    case nothing

    /// - Returns: nil when it is malformed.
    public init?(_ payload: ArraySlice<UInt8>) {
        var reader = ByteReader(payload)
        guard let head = reader.readUInt8() else { return nil }
        guard head >> 4 == 10 else {
            self = .unsupported("sound format \(head >> 4) of FLV")
            return
        }
        switch reader.readUInt8() {
        case 0:
            guard let configuration = AACConfiguration(reader.rest) else { return nil }
            self = .configuration(.aac(configuration))
        case 1: self = .frame(reader.rest)
        case nil: return nil
        default: self = .nothing
        }
    }
}
