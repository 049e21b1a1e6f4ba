import Testing

/// Verifies a decoder that takes a byte stream in pieces: the same messages must come out however the stream is cut.
///
/// - Parameters:
///   - messages: pairs of the bytes of one message and the message.
///   - makeDecoder: returns a function that takes bytes and returns the messages that they completed.
func verifyIncrementalDecoder<Message: Equatable>(
    _ messages: [(bytes: [UInt8], message: Message)],
    makeDecoder: () -> ([UInt8]) throws -> [Message],
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let stream = messages.flatMap(\.bytes)
    let expected = messages.map(\.message)

    let wholeMessages = makeDecoder()
    for (bytes, message) in messages {
        let decoded = try wholeMessages(bytes)
        // Compared outside of the macro, which would print every byte of both.
        let isEqual = decoded == [message]
        #expect(isEqual, "one message at a time: \(message)", sourceLocation: sourceLocation)
    }

    let everything = makeDecoder()
    let isEqualTogether = try everything(stream) == expected
    #expect(isEqualTogether, "all messages at once", sourceLocation: sourceLocation)

    for size in [1, 2, 3, 7] {
        let pieces = makeDecoder()
        var decoded: [Message] = []
        for start in stride(from: 0, to: stream.count, by: size) {
            decoded += try pieces([UInt8](stream[start..<min(start + size, stream.count)]))
        }
        let isEqual = decoded == expected
        #expect(isEqual, "\(size) bytes at a time", sourceLocation: sourceLocation)
    }
}
