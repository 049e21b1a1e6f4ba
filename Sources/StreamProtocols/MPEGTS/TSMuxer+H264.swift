extension TSElementaryStream {
    /// H.264 video; stream_id 0xE0 is the first video stream.
    public static func h264(pid: UInt16 = TSMuxer.firstStreamPID) -> TSElementaryStream {
        TSElementaryStream(pid: pid, type: .h264, streamID: 0xE0)
    }
}

extension TSMuxer {
    /// Appends an H.264 access unit in byte stream format (H.264 Annex B), beginning with the access unit delimiter
    /// that ISO/IEC 13818-1 §2.14.1 requires; delimiters of the sender are left out.
    ///
    /// - Parameters:
    ///   - nalUnits: the NAL units without start codes, in decoding order.
    ///   - presentationTime: 90 kHz.
    ///   - decodeTime: 90 kHz, not later than `presentationTime`.
    ///   - isRandomAccess: the access unit is an IDR picture with its parameter sets.
    public mutating func appendH264(
        nalUnits: some Sequence<ArraySlice<UInt8>>,
        presentationTime: Int64,
        decodeTime: Int64,
        isRandomAccess: Bool,
        streamIndex: Int = 0,
        to bytes: inout [UInt8]
    ) {
        appendAccessUnit(
            streamIndex: streamIndex,
            presentationTime: presentationTime,
            decodeTime: decodeTime,
            isRandomAccess: isRandomAccess,
            to: &bytes
        ) { payload in
            // primary_pic_type 7: any slice type may follow (H.264 Table 7-5).
            payload.append(contentsOf: [0x00, 0x00, 0x00, 0x01, 0x09, 0xF0])
            for nalUnit in nalUnits {
                guard let header = nalUnit.first, header & 0x1F != 9 else { continue }
                payload.append(contentsOf: [0x00, 0x00, 0x00, 0x01])
                payload.append(contentsOf: nalUnit)
            }
        }
    }
}
