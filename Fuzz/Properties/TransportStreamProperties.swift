import StreamProtocols

extension Property {
    /// A transport stream of a hostile or unlucky sender; what comes out of it is the same when it is written and read again.
    static let transportStream = Property(name: "mpeg-ts", longestInput: 1 << 16) {
        (bytes: ArraySlice<UInt8>) throws(Violation) in
        var demuxer = TSDemuxer()
        var tracks: [MediaFormat] = []
        var rest = bytes
        do {
            while !rest.isEmpty {
                // As much as a message of SRT has.
                for output in try demuxer.receive(rest.prefix(1316)) {
                    switch output {
                    case .tracks(let told):
                        try require(tracks.isEmpty && !told.isEmpty, "\(told) after \(tracks)")
                        tracks = told
                    case .sample(let sample, let track):
                        try require(tracks.indices.contains(track), "\(sample) of track \(track)")
                        try check(sample, tracks[track])
                    }
                }
                rest = rest.dropFirst(1316)
            }
        } catch let error as Violation {
            throw error
        } catch {}
    }

    private static func check(_ sample: Sample, _ track: MediaFormat) throws(Violation) {
        try require(sample.byteCount > 0, "\(sample) is empty")
        guard let stream = TSElementaryStream(track) else { return }
        var muxer = TSMuxer(streams: [stream])
        var written: [UInt8] = []
        muxer.appendTables(to: &written)
        guard let codec = track.videoCodec else {
            guard case .frame(let frame) = sample.payload else { throw Violation("\(sample) is no sound") }
            muxer.appendAudio(frame: frame, presentationTime: 0, streamIndex: 0, to: &written)
            let again = first(written)
            try require(again?.payload == sample.payload, "\(sample) became \(String(describing: again))")
            return
        }
        try require(sample.nalUnits.contains { codec.kind(of: $0).isPicture }, "a unit without picture: \(sample)")
        guard sample.isRandomAccess, sample.nalUnits.count < 1000 else { return }
        // One that does not say how long it is ends where the next begins.
        for time in [0, 3600] as [Int64] {
            muxer.appendVideo(
                nalUnits: sample.nalUnits, presentationTime: time, decodeTime: time, isRandomAccess: true, to: &written)
        }
        func units(_ sample: Sample) -> [ArraySlice<UInt8>] {
            sample.nalUnits.filter { codec.kind(of: $0) != .accessUnitDelimiter }
        }
        let again = first(written)
        try require(again.map(units) == units(sample), "\(sample) became \(String(describing: again))")
    }

    /// The first sample of a stream.
    private static func first(_ bytes: [UInt8]) -> Sample? {
        var demuxer = TSDemuxer()
        guard let outputs = try? demuxer.receive(bytes[...]) else { return nil }
        for case .sample(let sample, _) in outputs { return sample }
        return nil
    }

    /// What a caller of SRT says that it wants.
    static let streamID = Property(name: "srt-stream-id", longestInput: 1024) {
        (bytes: ArraySlice<UInt8>) throws(Violation) in
        guard let id = try? SRTStreamID(String(decoding: bytes, as: UTF8.self)), id.mode != .bidirectional else {
            return
        }
        let account = id.credentials.map { [$0.user, $0.password] } ?? []
        let parts = [id.path] + account
        guard !parts.contains(where: { $0.utf8.contains(UInt8(ascii: ":")) }) else { return }
        let written = ([id.mode == .publish ? "publish" : "read"] + parts).joined(separator: ":")
        guard written.utf8.count <= SRTStreamID.byteLimit else { return }
        try require((try? SRTStreamID(written)) == id, "\(written.debugDescription) is another than \(id)")
    }
}
