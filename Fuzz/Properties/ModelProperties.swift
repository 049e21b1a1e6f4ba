import Foundation
import StreamModel

extension Property {
    /// Lines come out the same however the stream is cut, and none is longer than the limit.
    static let lines = Property(name: "lines", longestInput: 4096) { (bytes: ArraySlice<UInt8>) throws(Violation) in
        var input = InputReader(bytes)
        let limit = Int(input.byte())
        let pieceSize = Int(input.byte()) + 1
        var whole = LineSplitter(byteLimit: limit)
        let expected = whole.append(input.rest)
        var splitter = LineSplitter(byteLimit: limit)
        var lines: [LineSplitter.Line] = []
        var rest = input.rest
        while !rest.isEmpty {
            lines += splitter.append(rest.prefix(pieceSize))
            rest = rest.dropFirst(pieceSize)
        }
        try require(lines == expected, "pieces of \(pieceSize): \(lines), at once: \(expected)")
        for case .complete(let line) in lines {
            try require(
                (1...max(limit, 1)).contains(line.count), "a line of \(line.count) bytes, the limit is \(limit)")
        }
    }

    /// What server and worker say to each other, a line each.
    static let workerMessages = Property(name: "worker-messages", longestInput: 1 << 14) {
        (bytes: ArraySlice<UInt8>) throws(Violation) in
        try stable(WorkerEvent.self, bytes)
        try stable(WorkerCommand.self, bytes)
    }

    /// Groups as a user writes them: each that is chosen from them is one.
    static let multicastRange = Property(name: "multicast-range", longestInput: 128) {
        (bytes: ArraySlice<UInt8>) throws(Violation) in
        guard let range = MulticastRange(String(decoding: bytes, as: UTF8.self)) else { return }
        try require(MulticastRange(range.description) == range, "\(range) became another one")
        for group in [range[0], range[range.count - 1]] {
            let alone = MulticastRange(group.description)
            try require(alone?.count == 1 && alone?[0] == group, "\(group) of \(range) is no group")
        }
    }

    /// What a user's request is read into.
    static let models = Property(name: "models", longestInput: 1 << 14) {
        (bytes: ArraySlice<UInt8>) throws(Violation) in
        guard let json = try? JSONValue(parsing: Data(bytes)) else { return }
        try require((try? JSONValue(parsing: json.data)) == json, "\(json) became another document")
        try stable(Camera.self, json)
        try stable(Pipeline.self, json)
        try stable(Transmission.self, json)
        try stable(EngineSettings.self, json)
        try stable(StreamingSettings.self, json)
        try stable(CameraIngestSettings.self, json)
    }

    private static func stable<Value: Codable & Equatable>(
        _: Value.Type, _ bytes: ArraySlice<UInt8>
    ) throws(Violation) {
        guard let value = try? JSONDecoder().decode(Value.self, from: Data(bytes)) else { return }
        guard let written = try? JSONEncoder().encode(value) else { throw Violation("\(value) can't be written") }
        let again = try? JSONDecoder().decode(Value.self, from: written)
        try require(again == value, "\(value) became \(String(describing: again))")
    }

    private static func stable<Value: JSONModel & Equatable>(_: Value.Type, _ json: JSONValue) throws(Violation) {
        guard let value = try? Value(json: json) else { return }
        let again = try? Value(json: value.json)
        try require(again == value, "\(value) became \(String(describing: again))")
    }
}
