import StreamProtocols

extension Property {
    /// What a client of RTMP sends, up to its publishing and then as its media.
    static let rtmp = Property(name: "rtmp", longestInput: 1 << 16) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        if let values = AMF0Value.parse(bytes) {
            var written: [UInt8] = []
            for value in values { value.append(to: &written) }
            guard let again = AMF0Value.parse(written[...]) else { throw Violation("\(values) can't be read again") }
            // A number that is none is not equal to itself.
            try require(again.count == values.count, "\(values) became \(again)")
        }
        var state = RTMPServerState()
        var media = FLVStream()
        do {
            var events = try state.receive(bytes)
            while !events.isEmpty {
                var more: [RTMPServerState.Event] = []
                for event in events {
                    switch event {
                    case .publish: more += try state.accept()
                    case .media(let message): _ = try media.receive(message)
                    case .ended: break
                    }
                }
                events = more
            }
        } catch {}
        var chunks = RTMPChunkReader(messageLimit: 1 << 14)
        var flv = FLVStream()
        chunks.append(bytes)
        do {
            while let message = try chunks.next() {
                try require(message.payload.count <= 1 << 14, "a message of \(message.payload.count) bytes")
                for case .sample(let sample, let track) in try flv.receive(message) {
                    try require((0..<2).contains(track) && sample.byteCount > 0, "\(sample) of track \(track)")
                }
            }
        } catch let error as Violation {
            throw error
        } catch {}
    }
}
