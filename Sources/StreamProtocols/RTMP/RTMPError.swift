/// Why an RTMP connection can't go on.
public enum RTMPError: Error, Equatable, Sendable, CustomStringConvertible {
    case wrongVersion(UInt8)
    case malformedChunk
    case messageTooLong(Int)
    case tooManyChunkStreams
    case malformedCommand
    /// More was sent than it takes to ask for publishing.
    case tooMuchBeforePublishing
    /// Something else than publishing is asked for.
    case notPublishing(String)

    public var description: String {
        switch self {
        case .wrongVersion(let version): "it speaks version \(version) of RTMP, and not 3"
        case .malformedChunk: "it has sent a chunk that can't be read"
        case .messageTooLong(let count): "it has sent a message of \(count) bytes"
        case .tooManyChunkStreams: "it uses too many chunk streams"
        case .malformedCommand: "it has sent a command that can't be read"
        case .tooMuchBeforePublishing: "it has sent too much before it asked to publish"
        case .notPublishing(let command): "it asks to \(command), and only publishing is served"
        }
    }
}
