/// Where a stream is sent, and in which container. Its description names neither account nor key.
public struct OutputAddress: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
    CustomReflectable
{
    /// libav's name of the container.
    public enum Container: String, Sendable {
        case flv, mpegts, rtsp
    }

    let url: String
    let container: Container
    let options: [String: String]
    let host: String?
    public let description: String

    /// - Parameters:
    ///   - url: as libav takes it; it may hold an account, but nothing else that is secret.
    ///   - options: of the protocol; they may hold secrets.
    ///   - host: whose address is looked up first, for as long as there is time; nil for one that waits to be called.
    ///   - description: the address as logs and sentences name it.
    public init(
        url: String, container: Container, options: [String: String] = [:], host: String?, description: String
    ) {
        self.url = url
        self.container = container
        self.options = options
        self.host = host
        self.description = description
    }

    public var debugDescription: String { description }
    public var customMirror: Mirror { Mirror(self, children: ["address": description]) }
}
