import ArgumentParser
import EngineContract
import Foundation
import ProcessLog

/// `toposync-streaming demand-hook`: what MediaMTX runs while a viewer waits for a path that nobody publishes yet.
///
/// Its connection to the server is the demand: it lasts until the engine ends this process (SIGINT or SIGTERM, whose
/// default is to end it) or the server closes the connection. One thread that waits in `read` is all it needs.
struct DemandHookCommandLine: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: DemandHook.subcommand,
        abstract: "Tell the server that somebody wants to watch a path.",
        discussion: "Started by MediaMTX, which names the path in the environment variable MTX_PATH.",
        version: ProductVersion.current)

    @Option(help: "The server's socket.")
    var socket: String

    func run() throws {
        guard let path = Environment["MTX_PATH"] else { throw HookFailure("MTX_PATH is not set, so no path is named.") }
        let connection = try connect()
        defer { close(connection) }
        let line = DemandHook.greeting(path: path)
        let sent = unsafe line.withUnsafeBytes { unsafe send(connection, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
        guard sent == line.count else { throw HookFailure("The server's socket took nothing: \(Self.reason).") }
        var byte: UInt8 = 0
        while true {
            let count = unsafe read(connection, &byte, 1)
            if count == 0 || (count < 0 && errno != EINTR) { return }
        }
    }

    private func connect() throws -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(socket.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
            throw HookFailure("The path of the server's socket is too long.")
        }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
        #if canImport(Glibc)
            let connection = Foundation.socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0)
        #else
            let connection = Foundation.socket(AF_UNIX, SOCK_STREAM, 0)
        #endif
        guard connection >= 0 else { throw HookFailure("No socket can be made: \(Self.reason).") }
        let result = unsafe withUnsafeBytes(of: &address) { raw in
            unsafe raw.baseAddress.map {
                unsafe Foundation.connect(
                    connection, $0.assumingMemoryBound(to: sockaddr.self), socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else {
            let reason = Self.reason
            close(connection)
            throw HookFailure("The server can't be reached at \(socket): \(reason).")
        }
        return connection
    }

    private static var reason: String { unsafe String(cString: strerror(errno)) }
}

/// Why the server could not be told.
private struct HookFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
