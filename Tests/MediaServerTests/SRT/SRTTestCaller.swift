import CSRT
import Foundation
import NIOCore

/// A program that sends by SRT, with libsrt's blocking calls on threads of their own.
final class SRTTestCaller: Sendable {
    /// What the listener has said, or libsrt itself (`srt_getrejectreason`).
    struct Refused: Error, Equatable { var reason: Int32 }

    private let socket: Int32

    private init(port: Int, streamID: String, passphrase: String) throws {
        srt_startup()
        let socket = srt_create_socket()
        self.socket = socket
        for (option, text) in [(SRTO_STREAMID, streamID), (SRTO_PASSPHRASE, passphrase)] where !text.isEmpty {
            let bytes = [UInt8](text.utf8)
            _ = bytes.withUnsafeBytes { srt_setsockflag(socket, option, $0.baseAddress, Int32($0.count)) }
        }
        let address = try SocketAddress(ipAddress: "127.0.0.1", port: port)
        let status = address.withSockAddr { srt_connect(socket, $0, Int32($1)) }
        if status != 0 { throw Refused(reason: srt_getrejectreason(socket)) }
    }

    deinit {
        srt_close(socket)
        srt_cleanup()
    }

    /// - Throws: ``Refused``
    static func connect(port: Int, streamID: String, passphrase: String = "") async throws -> SRTTestCaller {
        try await onThread { try SRTTestCaller(port: port, streamID: streamID, passphrase: passphrase) }
    }

    /// Sends in messages of seven transport packets.
    func send(_ bytes: [UInt8]) async throws {
        try await Self.onThread { [socket] in
            for start in stride(from: 0, to: bytes.count, by: 1316) {
                let message = bytes[start..<min(start + 1316, bytes.count)].map { CChar(truncatingIfNeeded: $0) }
                if srt_send(socket, message, Int32(message.count)) < 0 { throw Refused(reason: -1) }
            }
        }
    }

    /// Ends the connection, as a program does that ends.
    func close() async throws {
        try await Self.onThread { [socket] in _ = srt_close(socket) }
    }

    /// Whether the listener has ended the connection.
    var isOver: Bool { srt_getsockstate(socket).rawValue > SRTS_CONNECTED.rawValue }

    /// Waits until the listener has ended the connection; whether it has.
    func waitForEnd(within limit: Duration = .seconds(5)) async throws -> Bool {
        let deadline = ContinuousClock.now + limit
        while !isOver, ContinuousClock.now < deadline { try await Task.sleep(for: .milliseconds(20)) }
        return isOver
    }

    private static func onThread<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            Thread { continuation.resume(with: Result { try work() }) }.start()
        }
    }
}
