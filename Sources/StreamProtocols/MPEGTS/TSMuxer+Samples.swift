extension TSStreamType {
    fileprivate var videoCodec: VideoCodec? {
        switch self {
        case .h264: .h264
        case .h265: .h265
        case .mpeg1Audio, .mpeg2Audio, .aac: nil
        }
    }
}

extension VideoCodec {
    /// An access unit delimiter behind which any type of slice may follow, with its start code.
    fileprivate var accessUnitDelimiter: [UInt8] {
        switch self {
        // primary_pic_type 7 (H.264 Table 7-5).
        case .h264: [0x00, 0x00, 0x00, 0x01, 0x09, 0xF0]
        // pic_type 2 (H.265 Table 7-2).
        case .h265: [0x00, 0x00, 0x00, 0x01, 0x46, 0x01, 0x50]
        }
    }
}

extension TSMuxer {
    /// Appends an access unit in byte stream format (annex B), beginning with the access unit delimiter that ISO/IEC
    /// 13818-1 §2.14.1 requires of H.264; delimiters of the sender are left out.
    ///
    /// - Parameters:
    ///   - nalUnits: the NAL units without start codes, in decoding order.
    ///   - presentationTime: 90 kHz.
    ///   - decodeTime: 90 kHz, not later than `presentationTime`.
    ///   - isRandomAccess: the access unit is a picture at which decoding can begin, with its parameter sets.
    public mutating func appendVideo(
        nalUnits: some Sequence<ArraySlice<UInt8>>,
        presentationTime: Int64,
        decodeTime: Int64,
        isRandomAccess: Bool,
        streamIndex: Int = 0,
        to bytes: inout [UInt8]
    ) {
        guard streams.indices.contains(streamIndex), let codec = streams[streamIndex].type.videoCodec else { return }
        appendAccessUnit(
            streamIndex: streamIndex,
            presentationTime: presentationTime,
            decodeTime: decodeTime,
            isRandomAccess: isRandomAccess,
            to: &bytes
        ) { payload in
            payload.append(contentsOf: codec.accessUnitDelimiter)
            for nalUnit in nalUnits where !nalUnit.isEmpty && codec.kind(of: nalUnit) != .accessUnitDelimiter {
                payload.append(contentsOf: [0x00, 0x00, 0x00, 0x01])
                payload.append(contentsOf: nalUnit)
            }
        }
    }

    /// Appends a frame of sound: AAC behind an ADTS header, MPEG audio as it is. A frame that ADTS can't carry is left out.
    ///
    /// - Parameter presentationTime: 90 kHz.
    public mutating func appendAudio(
        frame: ArraySlice<UInt8>, presentationTime: Int64, streamIndex: Int, to bytes: inout [UInt8]
    ) {
        guard streams.indices.contains(streamIndex), streams[streamIndex].type.videoCodec == nil else { return }
        var header: [UInt8] = []
        if let adts = streams[streamIndex].adts, !adts.append(frameByteCount: frame.count, to: &header) { return }
        appendAccessUnit(
            streamIndex: streamIndex, presentationTime: presentationTime, decodeTime: presentationTime,
            isRandomAccess: true, to: &bytes
        ) { payload in
            payload.append(contentsOf: header)
            payload.append(contentsOf: frame)
        }
    }
}
