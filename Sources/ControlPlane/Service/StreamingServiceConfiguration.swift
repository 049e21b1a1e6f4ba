import Foundation

/// Where and how the control plane works.
public struct StreamingServiceConfiguration: Sendable {
    /// The folder that everything is kept in, such as `~/.toposync`; made when it is missing.
    public var dataDirectory: String
    /// Our own program, which is also engine, worker and demand hook.
    public var executable: String
    /// A MediaMTX binary or a folder with one (`TOPOSYNC_STREAMING_ENGINE_PATH`).
    public var enginePath: String?
    /// Set up a moving picture when the store is empty.
    public var demo: Bool

    public init(
        dataDirectory: String, executable: String = Self.ownExecutable, enginePath: String? = nil, demo: Bool = false
    ) {
        self.dataDirectory = dataDirectory
        self.executable = executable
        self.enginePath = enginePath
        self.demo = demo
    }

    /// The path of the program that runs now.
    public static var ownExecutable: String {
        if let link = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe") {
            // A program that was replaced while it runs.
            return link.hasSuffix(" (deleted)") ? String(link.dropLast(10)) : link
        }
        let first = CommandLine.arguments.first ?? "toposync-streaming"
        return URL(filePath: first).standardizedFileURL.path(percentEncoded: false)
    }
}
