import Foundation
import StreamModel

/// Our own command of a path (`runOnDemand`): a connection to the server's socket that lasts as long as somebody wants the
/// path.
///
/// MediaMTX runs it as the program that it names. The built-in engine, which is that program, connects by itself.
public struct DemandHook: Hashable, Sendable {
    /// The subcommand of our program.
    public static let subcommand = "demand-hook"
    private static let socketOption = "--socket"

    /// Our program.
    public var executable: String
    /// The server's socket.
    public var socket: String

    public init(executable: String, socket: String) {
        self.executable = executable
        self.socket = socket
    }

    /// - Parameter words: of a command, split.
    /// - Returns: nil for any other command.
    public init?(words: [String]) {
        guard words.count == 4, words[1] == Self.subcommand, words[2] == Self.socketOption else { return nil }
        self.init(executable: words[0], socket: words[3])
    }

    /// The command line for an engine that splits it at white space and honours double quotes.
    public var command: String {
        func quoted(_ text: String) -> String {
            "\"" + text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"") + "\""
        }
        return "\(quoted(executable)) \(Self.subcommand) \(Self.socketOption) \(quoted(socket))"
    }

    /// What is written to the socket first: `{"path":"front-door"}` and a line feed.
    public static func greeting(path: String) -> [UInt8] {
        Array(JSONValue.object(["path": .string(path)]).data) + [0x0a]
    }
}
